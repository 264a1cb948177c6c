"""The modals behind the vote buttons, as Slack takes them."""

from __future__ import annotations

from bot.slack.showing.vote_forms import reason_modal, right_source_modal
from db.feedback.votes import REASONS


def test_the_modal_offers_every_reason() -> None:
    view = reason_modal("cite1", 10).to_dict()
    [asked, right] = view["blocks"]
    assert [option["value"] for option in asked["element"]["options"]] == list(REASONS)
    assert right["optional"] is True and view["private_metadata"] == "cite1"


def test_the_right_document_has_to_be_named_where_nothing_else_is_asked() -> None:
    view = right_source_modal(7)
    view.validate_json()
    [right] = view.to_dict()["blocks"]
    assert right.get("optional") is not True and view.to_dict()["private_metadata"] == "7"
