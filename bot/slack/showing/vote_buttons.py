"""The buttons to vote with: under each source, under the whole answer, and in the ballot that shows a person their own.

A button carries a citation's id: that of its source, or, for the whole answer, that of the answer's first source. How
many others pressed it is shown nowhere: people would vote as the others did.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock, PlainTextObject, SectionBlock

from bot.slack.text import verbatim

if TYPE_CHECKING:
    from db.question import Source

VOTE_UP = "vote_up"
VOTE_DOWN = "vote_down"
ANSWER_UP = "answer_up"
ANSWER_DOWN = "answer_down"
RIGHT_SOURCE = "right_source"

_BALLOT = "ballot_"
_STYLES = {1: "primary", -1: "danger"}


@dataclass(frozen=True, slots=True)
class VoteButton:
    """What a button means: up or down, for a source or the whole answer."""

    value: Literal[-1, 1]
    whole: bool = False
    in_ballot: bool = False

    @property
    def face(self) -> str:
        """The thumb."""
        return "👍" if self.value > 0 else "👎"


_UNDER_ANSWERS = {
    VOTE_UP: VoteButton(1),
    VOTE_DOWN: VoteButton(-1),
    ANSWER_UP: VoteButton(1, whole=True),
    ANSWER_DOWN: VoteButton(-1, whole=True),
}
VOTE_BUTTONS = _UNDER_ANSWERS | {
    _BALLOT + action_id: VoteButton(button.value, button.whole, in_ballot=True)
    for action_id, button in _UNDER_ANSWERS.items()
}
"""Every vote button by its action id."""
VOTE_ACTIONS = re.compile(f"^({'|'.join(VOTE_BUTTONS)})(/[0-9]+)?$")
"""In a ballot a number follows the action's id, since no two buttons of a row may have the same."""

Votes = Mapping[str | None, int]
"""What a person's presses come to, by citation id; None is the whole answer."""


def source_buttons(source: Source) -> ActionsBlock:
    """👍 and 👎 for one source."""
    return ActionsBlock(
        elements=[
            _button(VOTE_UP, source.citation_id, meaning=f"[{source.number}] was a good source"),
            _button(VOTE_DOWN, source.citation_id, meaning=f"[{source.number}] was a bad source"),
        ]
    )


def answer_row(question_id: int, sources: Sequence[Source]) -> list[Block]:
    """The last row of an answer: was it helpful, and if not, which document would have been the right one?

    An answer without sources has nothing to vote on, but a right document all the more: its button names the question,
    since what one person alone sees has no message to know it by. Who may say so is checked where it is stored.
    """
    right = ButtonElement(
        text=PlainTextObject(text="Here's the right one"),
        action_id=RIGHT_SOURCE,
        value=str(question_id),
        accessibility_label="Name the document that answers this",
    )
    if not sources:
        return [ActionsBlock(elements=[right])]
    first = sources[0].citation_id
    up = _button(ANSWER_UP, first, meaning="The answer was helpful")
    down = _button(ANSWER_DOWN, first, meaning="The answer was not helpful")
    return [ContextBlock(elements=[verbatim("Was this answer helpful?")]), ActionsBlock(elements=[up, down, right])]


def vote_button(action_id: str) -> VoteButton | None:
    """What a button is to vote with; None for every other one."""
    return VOTE_BUTTONS.get(action_id.partition("/")[0])


def ballot(line: str, sources: Sequence[Source], votes: Votes, pressed: tuple[str | None, int]) -> list[Block]:
    """What a person alone sees after a vote in a channel: a button for each of their votes, which takes it back.

    What they `pressed` last, as in `Votes`, is among them, taken back or not: it can be pressed again.
    """
    shown = {pressed[0]: pressed[1]} | dict(votes)
    buttons = [
        _button(_BALLOT + (VOTE_UP if value > 0 else VOTE_DOWN), source.citation_id, votes, number=source.number)
        for source in sources
        if (value := shown.get(source.citation_id, 0))
    ]
    if value := shown.get(None, 0):
        action = _BALLOT + (ANSWER_UP if value > 0 else ANSWER_DOWN)
        buttons.append(_button(action, sources[0].citation_id, votes, number=0))
    return [SectionBlock(text=verbatim(line)), ActionsBlock(elements=buttons)]


def show_chosen(blocks: Sequence[dict[str, Any]], votes: Votes) -> list[dict[str, Any]]:
    """A message's blocks as Slack sent them, with each vote button shown as pressed or not, and all else untouched."""
    return [_shown(block, votes) if block.get("type") == "actions" else block for block in blocks]


def vote_line(name: str, value: int) -> str:
    """What a person reads after pressing a button: their own vote as it now stands (1, -1, or 0 for none)."""
    if value == 0:
        return f"Your vote on {name} is taken back."
    return f"Your vote on {name}: {'👍' if value > 0 else '👎'} (press again to take it back)"


def _button(
    action_id: str,
    citation_id: str,
    votes: Votes | None = None,
    *,
    number: int | None = None,
    meaning: str | None = None,
) -> ButtonElement:
    button = VOTE_BUTTONS[action_id]
    name = "" if number is None else f"[{number}] " if number else "answer "
    return ButtonElement(
        text=PlainTextObject(text=name + button.face, emoji=True),
        action_id=action_id if number is None else f"{action_id}/{number}",
        value=citation_id,
        style=_style(button, citation_id, votes or {}),
        accessibility_label=meaning,
    )


def _style(button: VoteButton, citation_id: str, votes: Votes) -> str | None:
    chosen = votes.get(None if button.whole else citation_id) == button.value
    return _STYLES[button.value] if chosen else None


def _shown(block: dict[str, Any], votes: Votes) -> dict[str, Any]:
    elements = []
    for element in block.get("elements", []):
        button = vote_button(element.get("action_id") or "")
        if button is not None:
            style = _style(button, element["value"], votes)
            element = {name: part for name, part in element.items() if name != "style"}
            element |= {"style": style} if style else {}
        elements.append(element)
    return block | {"elements": elements}
