"""Questions that a language model wrote: which passages lack one, keeping them, reading them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.models import passage_text
from db.schema import chunk, citation, curated_pair_chunk, document, impression, synthetic_question, vote

MIN_CHARS = 40
"""A passage shorter than this hardly says anything that could be asked for."""


@dataclass(frozen=True, slots=True)
class SyntheticQuestion:
    """A question that a language model wrote for a chunk."""

    id: int
    chunk_id: int
    text: str
    made_at: datetime


def choose_unasked(engine: sa.Engine, n: int, *, seed: str) -> dict[int, str]:
    """Up to `n` passages that people said nothing about and no question was written for, by chunk id.

    One of each document comes before a second of any; which ones, and in which order, is drawn by the seed.
    """
    asked = (
        sa.select(impression.c.chunk_id)
        .join(citation, citation.c.impression_id == impression.c.id)
        .join(vote, vote.c.citation_id == citation.c.id)
    )
    known = (
        asked.where(impression.c.chunk_id == chunk.c.id),
        sa.select(curated_pair_chunk.c.chunk_id).where(curated_pair_chunk.c.chunk_id == chunk.c.id),
        sa.select(synthetic_question.c.chunk_id).where(synthetic_question.c.chunk_id == chunk.c.id),
    )
    draw = sa.func.md5(sa.literal(f"{seed}:") + sa.cast(chunk.c.id, sa.Text))
    turn = sa.func.row_number().over(partition_by=chunk.c.document_id, order_by=draw)
    query = (
        sa.select(chunk.c.id, document.c.title, chunk.c.section, chunk.c.text)
        .join(document)
        .where(document.c.deleted_at.is_(None), sa.func.length(chunk.c.text) >= MIN_CHARS)
        .where(*(~query.exists() for query in known))
        .order_by(turn, draw)
        .limit(n)
    )
    with engine.connect() as connection:
        return {row.id: passage_text(row.title, row.section, row.text) for row in connection.execute(query)}


def store_questions(engine: sa.Engine, questions: Mapping[int, str], model: str) -> int:
    """Keeps the questions, by chunk id; returns how many were new. Chunks that went meanwhile are left out."""
    with engine.begin() as connection:
        wanted = sa.select(chunk.c.id).where(chunk.c.id.in_(questions)).order_by(chunk.c.id)
        there = connection.scalars(wanted.with_for_update(read=True, key_share=True)).all()
        rows = [{"chunk_id": chunk_id, "text": questions[chunk_id], "model": model} for chunk_id in there]
        if not rows:
            return 0
        added = insert(synthetic_question).values(rows).on_conflict_do_nothing().returning(synthetic_question.c.id)
        return len(connection.scalars(added).all())


def count_questions_since(engine: sa.Engine, since: datetime) -> int:
    """How many were written since then."""
    query = sa.select(sa.func.count()).where(synthetic_question.c.made_at >= since)
    with engine.connect() as connection:
        return connection.scalar(query) or 0


def newest_question_id(engine: sa.Engine) -> int:
    """The id of the one written last; 0 where there is none."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.coalesce(sa.func.max(synthetic_question.c.id), 0))) or 0


def read_questions(connection: sa.Connection, newest_id: int) -> list[SyntheticQuestion]:
    """All up to that id, oldest first."""
    columns = [synthetic_question.c[name] for name in SyntheticQuestion.__slots__]
    query = sa.select(*columns).where(synthetic_question.c.id <= newest_id).order_by(synthetic_question.c.id)
    return [SyntheticQuestion(*row) for row in connection.execute(query)]
