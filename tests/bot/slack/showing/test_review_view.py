"""What owners read: a document's name, the buttons by which they answer, and what came of it."""

from __future__ import annotations

import pytest

from bot.slack.showing.review_view import (
    REVIEW_ACTIONS,
    document_title,
    outcome_line,
    question_to_owner,
    settlement_by,
)
from db.feedback import Review


def review(title: str = "Paid leave", uri: str = "https://wiki.example/leave") -> Review:
    return Review(1, 1, title, uri, 1, None, "still_right", "T1:U1")


@pytest.mark.parametrize(
    ("document", "title"),
    [
        (review(), "<https://wiki.example/leave|Paid leave>"),
        (review(uri="file:///srv/leave.md"), "Paid leave"),
        (review(title=" "), "<https://wiki.example/leave|an untitled document>"),
        (review(title="<!channel>", uri="file:///x"), "&lt;!channel&gt;"),
    ],
)
def test_a_document_goes_by_its_title(document: Review, title: str) -> None:
    assert document_title(document) == title


def test_every_button_says_what_is_listened_to() -> None:
    [_, buttons] = [block.to_dict() for block in question_to_owner("Is it outdated?", 7)]
    assert {button["value"] for button in buttons["elements"]} == {"7"}
    actions = [button["action_id"] for button in buttons["elements"]]
    assert all(REVIEW_ACTIONS.match(action) for action in actions)
    assert [settlement_by(action) for action in actions] == ["still_right", "will_fix"]
    assert not REVIEW_ACTIONS.match("review_still_right_not")


def test_what_was_answered_is_said_with_who_did() -> None:
    assert outcome_line("Paid leave", review()) == "Paid leave is still right, says <@U1>."
