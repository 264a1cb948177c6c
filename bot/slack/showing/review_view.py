"""What owners and admins read of a document that somebody called outdated, and the buttons by which they answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, SectionBlock

from bot.slack.showing.source_rows import link_address
from bot.slack.text import escape_words, one_line, verbatim

if TYPE_CHECKING:
    from db.feedback import CitedDocument, Review, Settlement

_SETTLEMENTS: dict[str, Settlement] = {"review_still_right": "still_right", "review_will_fix": "will_fix"}
_OUTCOMES = {"still_right": "is still right", "will_fix": "will be put right"}
_TITLE_LIMIT = 200

REVIEW_ACTIONS = re.compile(f"^({'|'.join(_SETTLEMENTS)})$")
"""Matches the action ids of these buttons."""


def settlement_by(action_id: str) -> Settlement:
    """What the button with this action id says of the document."""
    return _SETTLEMENTS[action_id]


def question_to_owner(line: str, review_id: int) -> list[Block]:
    """The line, with a button for each answer."""
    still, fix = _SETTLEMENTS
    return [
        SectionBlock(text=verbatim(line)),
        ActionsBlock(
            elements=[
                ButtonElement(text="Still right", action_id=still, value=str(review_id)),
                ButtonElement(text="Will fix", action_id=fix, value=str(review_id)),
            ]
        ),
    ]


def outcome_line(name: str, review: Review) -> str:
    """What was answered, and by whom."""
    return f"{name} {_OUTCOMES[review.state]}, says <@{str(review.settled_by).rpartition(':')[2]}>."


def document_title(document: CitedDocument | Review) -> str:
    """Its title, linked if it can be."""
    address = link_address(document.uri)
    if address is None:
        return one_line(document.title, _TITLE_LIMIT) or "an untitled document"
    return f"<{address}|{one_line(document.title, _TITLE_LIMIT, escape_words) or 'an untitled document'}>"
