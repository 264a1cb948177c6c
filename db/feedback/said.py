"""All that people said, as rows read at one moment; what a night learns from them is its own to find out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

import sqlalchemy as sa

from db.feedback.fold import VoteEvent
from db.feedback.synthetic import SyntheticQuestion, read_questions
from db.nights import TrainedQuestion, read_trained
from db.schema import (
    chunk,
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
    """A source of an answer: the chunk that leads, None where that is gone, and those of it that were there `beside`.

    `rank` (1 is the best) is its document's among those that could be shown. `nearness` is the share of the words that
    were shown which the leading chunk has, if the document was changed since: 1 where they are the same.
    """

    question_id: int
    citation_id: str
    chunk_id: int | None
    rank: int
    beside: tuple[int, ...] = ()
    nearness: float = 1.0


@dataclass(frozen=True, slots=True)
class DrawnCandidate:
    """A document that an answer which explored had to choose from: its chance of being shown, and whether it was.

    The chunk is that which leads where it was shown, else the document's best; None where that is gone.
    """

    question_id: int
    chunk_id: int | None
    propensity: float
    shown: bool


@dataclass(frozen=True, slots=True)
class PairedChunk:
    """A curated pair with one of its chunks.

    `was_shown` where the answer to the pair's own question had that chunk's document among its sources.
    """

    pair_id: int
    prompt: str
    added_at: datetime
    chunk_id: int
    was_shown: bool


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as it was searched for, in the audiences that its answer's readers could see."""

    id: int
    text: str
    asked_at: datetime
    audience_ids: tuple[int, ...]


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
    columns = (question.c.id, text, question.c.asked_at, question.c.audience_ids)
    query = sa.select(*columns).where(question.c.id.in_(voted)).order_by(question.c.id)
    return [AskedQuestion(id_, text, at, tuple(own)) for id_, text, at, own in connection.execute(query)]


def _shown(connection: sa.Connection) -> list[ShownSource]:
    leads = impression.c.id == citation.c.impression_id
    candidate = impression.alias("candidate").c  # of each document that could be shown one has its chance: the best
    rank = sa.select(sa.func.count()).where(
        candidate.question_id == citation.c.question_id,
        candidate.rank <= impression.c.rank,
        candidate.propensity.is_not(None),
    )
    query = (
        sa.select(citation.c.question_id, citation.c.id, citation.c.number, impression.c.chunk_id)
        .add_columns(impression.c.nearness)
        .add_columns(rank.scalar_subquery().label("rank"))
        .join_from(citation, impression, _is_passage_of_source())
        .where(citation.c.question_id.in_(sa.select(vote_event.c.question_id)))
        .order_by(citation.c.question_id, citation.c.number, leads.desc(), impression.c.rank)
    )
    sources = []
    for _, rows in groupby(connection.execute(query), key=lambda row: row.id):
        lead, *others = rows
        beside = {other.chunk_id: None for other in others if other.chunk_id not in (None, lead.chunk_id)}
        best = min(row.rank for row in (lead, *others))
        sources.append(
            ShownSource(lead.question_id, lead.id, lead.chunk_id, best or lead.number, tuple(beside), lead.nearness)
        )
    return sources


def _drawn(connection: sa.Connection) -> list[DrawnCandidate]:
    """Of answers that explored: a document that might have been shown wasn't, and one that it ranks above was."""
    row, passed_over, lead = impression.c, impression.alias("passed_over").c, impression.alias("lead")
    explores = sa.exists().where(
        passed_over.question_id == row.question_id,
        passed_over.rank < row.rank,
        passed_over.propensity.is_not(None),
        sa.not_(passed_over.shown),
    )
    exploring = sa.select(row.question_id).where(
        row.shown,
        row.propensity.is_not(None),
        explores,
        row.question_id.in_(sa.select(vote_event.c.question_id)),
    )
    chunk_id = sa.case((row.shown, lead.c.chunk_id), else_=row.chunk_id)
    query = (
        sa.select(row.question_id, chunk_id, row.propensity, row.shown)
        .select_from(impression)
        .outerjoin(citation, _is_passage_of_source())
        .outerjoin(lead, lead.c.id == citation.c.impression_id)
        .where(row.propensity.is_not(None), row.question_id.in_(exploring))
        .order_by(row.question_id, row.rank)
    )
    return [DrawnCandidate(*found) for found in connection.execute(query)]


def _is_passage_of_source() -> sa.ColumnElement[bool]:
    return (impression.c.question_id == citation.c.question_id) & (impression.c.source_number == citation.c.number)


def _pairs(connection: sa.Connection, until: Bounds) -> list[PairedChunk]:
    seen = chunk.alias("seen").c
    was_shown = sa.exists().where(
        impression.c.question_id == curated_pair.c.question_id,
        impression.c.shown,
        seen.id == impression.c.chunk_id,
        seen.document_id == chunk.c.document_id,
    )
    pair = curated_pair.c
    query = (
        sa.select(pair.id, pair.prompt, pair.added_at, curated_pair_chunk.c.chunk_id, was_shown)
        .join_from(curated_pair, curated_pair_chunk)
        .join(chunk, chunk.c.id == curated_pair_chunk.c.chunk_id)
        .where(pair.id <= until.pair_id)
        .order_by(pair.id, curated_pair_chunk.c.chunk_id)
    )
    return [PairedChunk(*row) for row in connection.execute(query)]
