"""The rows of an export: votes, pairs, triplets, rankings; without names and what is private, unless asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from db.corpus import PUBLIC_AUDIENCE_ID, read_passages
from db.feedback import VoteRow, public_questions, read_pair_rows, read_vote_rows, without_mentions
from db.models import passage_text
from retrain.night import lesson_of_now

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Encoders
    from db.settings import Settings
    from retrain.lesson import Anchor, Triplet

Row = dict[str, Any]

_SHARE_OF_ANSWER = 0.1
"""What a vote on a whole answer says of one of its sources, beside a vote on that."""

_WRITTEN_BY_PEOPLE = frozenset({"question", "prompt", "anchor", "query"})

KINDS = ("votes", "pairs", "triplets", "rankings")


@dataclass(frozen=True, slots=True)
class Export:
    """Rows by kind, and of each kind how many were left out as private."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)


def read_export(
    engine: sa.Engine,
    encoders: Encoders,
    settings: Settings,
    kinds: Collection[str] = KINDS,
    *,
    private: bool = False,
    names: bool = False,
) -> Export:
    """Reads what is asked for; triplets are those that a night would train on now, and nothing that judges.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
    """
    export = Export()
    if {"votes", "rankings"} & set(kinds):
        votes = list(read_vote_rows(engine, private=private, names=names))
        told = [vote for vote in votes if vote is not None]
        for kind, rows in (("votes", [vote._asdict() for vote in told]), ("rankings", _rankings(told))):
            if kind in kinds:
                export.rows[kind], export.left_out[kind] = rows, len(votes) - len(told)
    if "pairs" in kinds:
        pairs = read_pair_rows(engine)
        told_pairs = [{"prompt": own.prompt, "completion": own.completion} for own in pairs if private or own.public]
        export.rows["pairs"], export.left_out["pairs"] = told_pairs, len(pairs) - len(told_pairs)
    if "triplets" in kinds:
        export.rows["triplets"], export.left_out["triplets"] = _triplets(engine, encoders, settings, private)
    if not names:
        hide = without_mentions(engine)
        for rows in export.rows.values():
            for row in rows:
                row.update({column: hide(row[column]) for column in _WRITTEN_BY_PEOPLE & row.keys()})
    return export


def _rankings(votes: Iterable[VoteRow]) -> list[Row]:
    """For each question what was voted on: 1 where people together say up, 0 where they say down."""
    questions: dict[str, tuple[str, dict[str, float]]] = {}
    for vote in votes:
        _, values = questions.setdefault(vote.question_id, (vote.question, defaultdict(float)))
        values[passage_text(vote.title, vote.section, vote.passage)] += vote.value * (
            1.0 if vote.on == "source" else _SHARE_OF_ANSWER
        )
    rows = []
    for query, values in questions.values():
        labels = {doc: int(value > 0) for doc, value in values.items() if value}
        if len(set(labels.values())) == 2:
            rows.append({"query": query, "docs": list(labels), "labels": list(labels.values())})
    return rows


def _triplets(engine: sa.Engine, encoders: Encoders, settings: Settings, private: bool) -> tuple[list[Row], int]:
    _, lesson = lesson_of_now(engine, encoders, settings)
    triplets = [triplet for triplet in lesson.triplets if triplet.negative_chunk_id is not None]
    wanted = {chunk_id for own in triplets for chunk_id in (own.positive_chunk_id, own.negative_chunk_id or 0)}
    passages = read_passages(engine, wanted, audience_id=None if private else PUBLIC_AUDIENCE_ID)
    if not private:
        triplets = _asked_in_public(engine, triplets)
    rows = [
        {"anchor": lesson.snapshot.anchors[own.anchor].text, "positive": passages[own.positive_chunk_id]}
        | {"negative": passages[own.negative_chunk_id or 0]}
        for own in triplets
        if {own.positive_chunk_id, own.negative_chunk_id} <= passages.keys()
    ]
    all_of_them = sum(triplet.negative_chunk_id is not None for triplet in lesson.triplets)
    return rows, all_of_them - len(rows)


def _asked_in_public(engine: sa.Engine, triplets: Iterable[Triplet]) -> list[Triplet]:
    questions = public_questions(engine)
    pairs = {own.id for own in read_pair_rows(engine) if own.public}

    def is_public(anchor: Anchor) -> bool:
        return anchor.kind == "synthetic" or anchor.id in (questions if anchor.kind == "question" else pairs)

    return [own for own in triplets if is_public(own.anchor)]
