"""What a person's button presses and reactions on one answer come to: a pure fold of an append-only log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

ANSWER_VOTE_WEIGHT = 0.3
"""What a reaction to a whole answer weighs, shared among its sources; a vote on a source itself weighs 1."""

Value = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class VoteEvent:
    """One thing a person did.

    `press` (a button that toggles) and `set` (absolute; 0 clears) name a source by its citation id; `react` and
    `unreact` name the whole answer, so their citation id is None. `occurred_ts` is Slack's timestamp in seconds, not
    the time of arrival. `dedupe_key` is the same however often the event is delivered.

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
        if (self.citation_id is None) != (self.action in ("react", "unreact")):
            raise ValueError(f"a {self.action} names {'a source' if self.citation_id is None else 'the whole answer'}")
        if self.value == 0 and self.action != "set":
            raise ValueError(f"a {self.action} is up or down")
        if not self.occurred_ts.is_finite():
            raise ValueError("a vote happens at some time")


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
    A source that was ever pressed or set follows those alone. The others follow the reactions to the answer: exactly
    one thumb standing is the vote, both or none are no vote.

    Args:
        events: all of one person's events on one question.
        cited: the answer's citation ids, by number; events on others are ignored.
    """
    ordered = sorted({event.dedupe_key: event for event in events}.values(), key=_order)
    live = _answer_votes(ordered, cited)
    for citation_id in cited:
        own = [event for event in ordered if event.citation_id == citation_id]
        if own:
            live.pop(citation_id, None)
            value = _toggled(own)
            if value:
                live[citation_id] = LiveVote(value, 1.0, "source", own[-1].occurred_ts)
    return live


def _order(event: VoteEvent) -> tuple[Decimal, str]:
    return event.occurred_ts, event.dedupe_key


def _toggled(events: Sequence[VoteEvent]) -> int:
    value = 0
    for event in events:
        value = 0 if event.action == "press" and value == event.value else event.value
    return value


def _answer_votes(events: Sequence[VoteEvent], cited: Sequence[str]) -> dict[str, LiveVote]:
    standing: set[int] = set()
    occurred_ts = Decimal(0)
    for event in events:
        if event.action == "react":
            standing.add(event.value)
        elif event.action == "unreact":
            standing.discard(event.value)
        else:
            continue
        occurred_ts = event.occurred_ts
    if len(standing) != 1:
        return {}
    [value] = standing
    if len(cited) == 1:
        return {cited[0]: LiveVote(value, 1.0, "source", occurred_ts)}
    weight = ANSWER_VOTE_WEIGHT / max(len(cited), 1)
    return {citation_id: LiveVote(value, weight, "answer", occurred_ts) for citation_id in cited}
