"""All that people said, as rows read at one moment; what a night learns from them is its own to find out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from db.feedback.fold import VoteEvent
from db.feedback.synthetic import SyntheticQuestion, read_questions
from db.nights import TrainedQuestion, read_trained
from db.schema import (
    citation,
    curated_pair,
    curated_pair_chunk,
    impression,
    question,
    vote_event,
    vote_reason,
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The newest vote event, curated pair and synthetic question that count, by id; None: of the last none does.

    They tell how far a night had read, and no more: a lower id may be committed later, and what is said of a pair or a
    vote may change under the same bounds.
    """

    vote_event_id: int
    pair_id: int
    synthetic_id: int | None = None


class GivenReason(NamedTuple):
    """Why a person voted a source down."""

    person: str
    citation_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A cited source of an answer; its chunk is None where that is gone. `rank` (1 is the best) is the search's."""

    question_id: int
    citation_id: str
    chunk_id: int | None
    rank: int


@dataclass(frozen=True, slots=True)
class DrawnCandidate:
    """A candidate of an answer that explored, with its probability of being shown, and whether it was."""

    question_id: int
    chunk_id: int | None
    propensity: float
    shown: bool


@dataclass(frozen=True, slots=True)
class PairedChunk:
    """A curated pair with one of its chunks; `was_shown` where the answer to the pair's own question had shown it."""

    pair_id: int
    prompt: str
    added_at: datetime
    chunk_id: int
    was_shown: bool


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as it was searched for."""

    id: int
    text: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """Votes and curated pairs within the bounds, and what they are about.

    `vote_events` are ordered by question, person and id, `questions` are theirs. `shown` (by question and number) and
    `drawn` (by question and rank) are of answers that anybody voted on. `pairs` are ordered by pair and chunk.
    `trained` is what earlier nights trained on.
    """

    bounds: Bounds
    vote_events: tuple[VoteEvent, ...]
    reasons: tuple[GivenReason, ...]
    questions: tuple[AskedQuestion, ...]
    shown: tuple[ShownSource, ...]
    drawn: tuple[DrawnCandidate, ...]
    pairs: tuple[PairedChunk, ...]
    synthetic: tuple[SyntheticQuestion, ...]
    trained: tuple[TrainedQuestion, ...]


def read_said(engine: sa.Engine, bounds: Bounds | None = None, *, apart_from: int | None = None) -> Said:
    """What was said up to the bounds, or all of it (without synthetic questions), as it stands at one moment.

    What the run `apart_from` trained on doesn't count: an earlier attempt of that night.

    Raises:
        DatabaseUnavailableError: it can't be read.
    """
    moment = engine.execution_options(isolation_level="REPEATABLE READ")  # all see what the first statement sees
    with moment.connect() as connection:
        until = bounds or _all_there_is(connection)
        written = () if until.synthetic_id is None else read_questions(connection, until.synthetic_id)
        return Said(
            until,
            tuple(_vote_events(connection, until)),
            tuple(_reasons(connection)),
            tuple(_questions(connection, until)),
            tuple(_shown(connection)),
            tuple(_drawn(connection)),
            tuple(_pairs(connection, until)),
            tuple(written),
            tuple(read_trained(connection, apart_from)),
        )


def _all_there_is(connection: sa.Connection) -> Bounds:
    return Bounds(
        connection.scalar(sa.select(sa.func.coalesce(sa.func.max(vote_event.c.id), 0))) or 0,
        connection.scalar(sa.select(sa.func.coalesce(sa.func.max(curated_pair.c.id), 0))) or 0,
    )


def _vote_events(connection: sa.Connection, until: Bounds) -> list[VoteEvent]:
    log = vote_event.c
    columns = [log[name] for name in VoteEvent.__slots__]
    query = sa.select(*columns).where(log.id <= until.vote_event_id).order_by(log.question_id, log.person, log.id)
    return [VoteEvent(*row) for row in connection.execute(query)]


def _reasons(connection: sa.Connection) -> list[GivenReason]:
    query = sa.select(*(vote_reason.c[name] for name in GivenReason._fields))
    return [GivenReason(*row) for row in connection.execute(query)]


def _questions(connection: sa.Connection, until: Bounds) -> list[AskedQuestion]:
    voted = sa.select(vote_event.c.question_id).where(vote_event.c.id <= until.vote_event_id)
    text = sa.func.coalesce(question.c.rewritten_text, question.c.raw_text)
    query = sa.select(question.c.id, text, question.c.asked_at).where(question.c.id.in_(voted)).order_by(question.c.id)
    return [AskedQuestion(*row) for row in connection.execute(query)]


def _shown(connection: sa.Connection) -> list[ShownSource]:
    query = (
        sa.select(citation.c.question_id, citation.c.id, impression.c.chunk_id, impression.c.rank)
        .join(impression, impression.c.id == citation.c.impression_id)
        .where(citation.c.question_id.in_(sa.select(vote_event.c.question_id)))
        .order_by(citation.c.question_id, citation.c.number)
    )
    return [ShownSource(*row) for row in connection.execute(query)]


def _drawn(connection: sa.Connection) -> list[DrawnCandidate]:
    """Of answers that explored: a candidate that might have been shown wasn't, and one that it ranks above was."""
    row, passed_over = impression.c, impression.alias("passed_over").c
    explores = sa.exists().where(
        passed_over.question_id == row.question_id,
        passed_over.rank < row.rank,
        passed_over.propensity.is_not(None),
        sa.not_(passed_over.shown),
    )
    exploring = sa.select(row.question_id).where(
        row.shown, explores, row.question_id.in_(sa.select(vote_event.c.question_id))
    )
    query = (
        sa.select(row.question_id, row.chunk_id, row.propensity, row.shown)
        .where(row.propensity.is_not(None), row.question_id.in_(exploring))
        .order_by(row.question_id, row.rank)
    )
    return [DrawnCandidate(*found) for found in connection.execute(query)]


def _pairs(connection: sa.Connection, until: Bounds) -> list[PairedChunk]:
    was_shown = sa.exists().where(
        impression.c.question_id == curated_pair.c.question_id,
        impression.c.chunk_id == curated_pair_chunk.c.chunk_id,
        impression.c.shown,
    )
    pair = curated_pair.c
    query = (
        sa.select(pair.id, pair.prompt, pair.added_at, curated_pair_chunk.c.chunk_id, was_shown)
        .join_from(curated_pair, curated_pair_chunk)
        .where(pair.id <= until.pair_id)
        .order_by(pair.id, curated_pair_chunk.c.chunk_id)
    )
    return [PairedChunk(*row) for row in connection.execute(query)]
