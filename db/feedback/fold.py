"""What a person's button presses and reactions on one answer come to: a pure fold of an append-only log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

ANSWER_VOTE_WEIGHT = 0.3
"""What a vote on a whole answer weighs, shared among its sources; a vote on a source itself weighs 1."""

Value = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class VoteEvent:
    """One thing a person did.

    `press` (a button that toggles) and `set` (absolute; 0 clears) name a source by its citation id, or the whole
    answer by None; `react` and `unreact` always name the whole answer. `occurred_ts` is Slack's timestamp in seconds,
    not the time of arrival. `dedupe_key` is the same however often the event is delivered.

    Raises:
        ValueError: for a combination that no button and no reaction can make.
    """

    dedupe_key: str
    workspace: str
    person: str
    question_id: int
    citation_id: str | None
    action: Literal["press", "set", "react", "unreact"]
    value: Value
    occurred_ts: Decimal

    def __post_init__(self) -> None:
        if self.citation_id is not None and not self.by_button:
            raise ValueError(f"a {self.action} names the whole answer")
        if self.value == 0 and self.action != "set":
            raise ValueError(f"a {self.action} is up or down")
        if not self.occurred_ts.is_finite():
            raise ValueError("a vote happens at some time")

    @property
    def by_button(self) -> bool:
        """Whether a button was pressed, and not an emoji put or taken off."""
        return self.action in ("press", "set")


@dataclass(frozen=True, slots=True)
class LiveVote:
    """What stands: `value` is +1 or -1, `origin` whether the source itself or its whole answer was voted on."""

    value: int
    weight: float
    origin: Literal["source", "answer"]
    occurred_ts: Decimal


def fold_votes(events: Iterable[VoteEvent], cited: Sequence[str]) -> dict[str, LiveVote]:
    """Folds one person's events on one answer into their live votes, by citation id.

    Order of arrival and repeats don't matter: events are taken by (`occurred_ts`, `dedupe_key`), each key once.
    A source whose buttons were ever used follows those alone. The others follow the vote on the whole answer: its
    buttons alone if they were ever used, else the reactions, of which exactly one thumb standing is the vote, both or
    none are no vote.

    Args:
        events: all of one person's events on one question.
        cited: the answer's citation ids, by number; events on others are ignored.
    """
    ordered = _in_order(events)
    live = _answer_votes(ordered, cited)
    for citation_id in cited:
        own = [event for event in ordered if event.citation_id == citation_id]
        if own:
            live.pop(citation_id, None)
            value = _toggled(own)
            if value:
                live[citation_id] = LiveVote(value, 1.0, "source", own[-1].occurred_ts)
    return live


def fold_buttons(events: Iterable[VoteEvent]) -> dict[str | None, int]:
    """Which buttons one person's events on one answer leave pressed: 1 or -1 by citation id, None for the answer's own.

    Reactions are left out, and so is their share in each source: those show for themselves.
    """
    pressed = [event for event in _in_order(events) if event.by_button]
    values = {
        target: _toggled([event for event in pressed if event.citation_id == target])
        for target in {event.citation_id for event in pressed}
    }
    return {target: value for target, value in values.items() if value}


def _in_order(events: Iterable[VoteEvent]) -> list[VoteEvent]:
    distinct = {event.dedupe_key: event for event in events}
    return sorted(distinct.values(), key=lambda event: (event.occurred_ts, event.dedupe_key))


def _toggled(events: Sequence[VoteEvent]) -> int:
    value = 0
    for event in events:
        value = 0 if event.action == "press" and value == event.value else event.value
    return value


def _answer_votes(events: Sequence[VoteEvent], cited: Sequence[str]) -> dict[str, LiveVote]:
    whole = [event for event in events if event.citation_id is None]
    pressed = [event for event in whole if event.by_button]
    value = _toggled(pressed) if pressed else _standing_thumb(whole)
    if not value:
        return {}
    occurred_ts = (pressed or whole)[-1].occurred_ts
    if len(cited) == 1 and not pressed:
        # A reaction to its message can't be told from a vote on the one source; a press had that one's own beside it.
        return {cited[0]: LiveVote(value, 1.0, "source", occurred_ts)}
    weight = ANSWER_VOTE_WEIGHT / max(len(cited), 1)
    return {citation_id: LiveVote(value, weight, "answer", occurred_ts) for citation_id in cited}


def _standing_thumb(reactions: Sequence[VoteEvent]) -> int:
    standing: set[int] = set()
    for event in reactions:
        if event.action == "react":
            standing.add(event.value)
        else:
            standing.discard(event.value)
    return standing.pop() if len(standing) == 1 else 0
