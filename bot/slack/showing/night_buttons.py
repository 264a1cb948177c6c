"""The buttons by which admins decide on generations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slack_sdk.models.blocks import ActionsBlock, ButtonElement, ConfirmObject

if TYPE_CHECKING:
    from db.generations import Wanted

_PREFIX = "decide_"
_WORDS: dict[Wanted, tuple[str, str, str]] = {
    "promote": ("Promote", "Promote generation {}?", "It answers all questions from then on. One press goes back."),
    "reject": ("Reject", "Reject generation {}?", "It is dropped; the next night makes another."),
    "roll_back": ("Roll back", "Roll back from generation {}?", "The one before it answers all questions again."),
    "begin_trial": ("Begin the trial", "Begin generation {}'s trial?", "It answers some questions beside what serves."),
}

DECISION_ACTIONS = re.compile(f"^{_PREFIX}({'|'.join(_WORDS)})$")
"""Matches the action ids of these buttons."""


def wanted_by(action_id: str) -> Wanted:
    """What the button with this action id asks for."""
    wanted: Wanted = action_id.removeprefix(_PREFIX)  # type: ignore[assignment]
    return wanted


def face_of(wanted: Wanted) -> str:
    """What its button says."""
    return _WORDS[wanted][0]


def decision_buttons(generation_id: int, wanted: tuple[Wanted, ...]) -> ActionsBlock:
    """A button for each, every one with a question whether it is meant."""
    return ActionsBlock(elements=[_button(generation_id, each) for each in wanted])


def _button(generation_id: int, wanted: Wanted) -> ButtonElement:
    face, question, consequence = _WORDS[wanted]
    return ButtonElement(
        text=face,
        action_id=_PREFIX + wanted,
        value=str(generation_id),
        style="primary" if wanted in ("promote", "begin_trial") else "danger",
        confirm=ConfirmObject(title=question.format(generation_id), text=consequence, confirm=face, deny="Not now"),
    )
