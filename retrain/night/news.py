"""How much people have said that an earlier run didn't know: a vote more makes another model, hardly a better one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.feedback import Bounds, read_said
from db.generations import find_candidate, tries_since_promotion
from db.nights import Run, get_run
from retrain.lesson import Snapshot, make_snapshot

if TYPE_CHECKING:
    from db.generations import Generation
    from retrain.lesson import Lesson

NEW_SHARE = 0.1
"""Of the votes and pairs that a run had: as many have to be new before another try is worth it."""


@dataclass(frozen=True, slots=True)
class News:
    """Of votes and curated pairs, so many came or changed since a run learnt from the `had` ones."""

    new: int
    had: int

    @property
    def needed(self) -> int:
        """As many make another try worth it."""
        return max(1, ceil(NEW_SHARE * self.had))

    def __str__(self) -> str:
        return (
            f"of votes and curated pairs, {self.new} have come or changed since it learnt from {self.had}, and "
            f"{self.needed} are needed"
        )


def news_since(engine: sa.Engine, run_id: int, snapshot: Snapshot) -> News | None:
    """What `snapshot` has that the run's didn't, or has otherwise; None where nobody knows what it had."""
    bounds = get_run(engine, run_id).snapshot
    if bounds is None:
        return None
    then, now = said_in(make_snapshot(read_said(engine, Bounds(**bounds)))), said_in(snapshot)
    return News(sum(then.get(what) != how for what, how in now.items()) + len(then.keys() - now.keys()), len(then))


def said_in(snapshot: Snapshot) -> Mapping[Hashable, Hashable]:
    """What people said, by what they said it of: votes with their reasons, and the questions of pairs."""
    votes: dict[Hashable, Hashable] = {
        (vote.person, vote.question_id, vote.chunk_id, vote.origin): (vote.value, vote.reason)
        for vote in snapshot.judgements
    }
    pairs: dict[Hashable, Hashable] = {own.text: True for anchor, own in snapshot.anchors.items() if anchor.is_given}
    return {**votes, **pairs}


def tried_lately(engine: sa.Engine, run: Run, lesson: Lesson, incumbent: Generation, base_model: str) -> list[str]:
    """A sentence where a night by the clock would but try again what the last one tried; else nothing.

    Each try uses some of the chance of luck that a year has, so it needs a tenth more to learn from, or to judge by;
    or something else serves since, or another base model is trained. Whoever asks for a night has it in any case.
    """
    tries = tries_since_promotion(engine, run.id) if run.trigger == "schedule" else []
    last = next((own for kept in reversed(tries) if "train" in (own := get_run(engine, kept.run_id)).phases), None)
    if last is None or last.parent_id != incumbent.id:
        return []
    made = find_candidate(engine, last.id)
    judged = last.phases.get("learn", {}).get("gate_pairs", 0)
    news = news_since(engine, last.id, lesson.snapshot)
    if (
        (made is not None and made.base_model != base_model)
        or (news is None or news.new >= news.needed)
        or len(lesson.judging("pair")) > (1 + NEW_SHARE) * judged
    ):
        return []
    return [
        f"Night {last.id} held a candidate against what serves, and there is too little that is new: {news} before "
        "another try. Each uses some of the chance of luck that a year has; `nightshift retrain` tries all the same."
    ]
