"""What was found for questions, with all that a ranking orders by: so yesterday's answers can be ranked again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from db.schema import chunk, impression
from db.search import copy_of

_AT_ONCE = 5_000
"""Texts in memory at once."""


class Ranked(NamedTuple):
    """A passage that a search found, as it was then; `features` are `(len(FEATURES),)`.

    `copy` is equal for passages of the same words.
    """

    chunk_id: int
    document_id: int
    copy: int
    shown: bool
    features: tuple[float, ...]


def read_ranked(engine: sa.Engine, question_ids: Iterable[int]) -> dict[int, list[Ranked]]:
    """For each of these questions the passages that were found and still stand, best first.

    Left out are those that are gone, as nobody can tell any more of which document they were or whether another says
    the same, and those of before features were kept. Each passage's text is read once, however often it was found.
    """
    own = impression.c
    features = (own.similarity, own.words, own.coverage, own.pairs, own.in_title, own.in_opening, own.length)
    wanted = (
        sa.select(own.question_id, own.chunk_id, chunk.c.document_id, own.shown, *features)
        .join(chunk, chunk.c.id == own.chunk_id)
        .where(own.question_id == sa.any_(sa.literal(list(question_ids), sa.ARRAY(sa.BigInteger))))
        .where(sa.and_(*(feature.is_not(None) for feature in features)))
        .where(own.candidate_rank.is_(None) | own.incumbent_rank.is_not(None))
        .order_by(own.question_id, own.rank)
    )
    with engine.connect() as connection:
        rows = connection.execute(wanted).all()
        copies = _read_copies(connection, {row.chunk_id for row in rows})
    found: dict[int, list[Ranked]] = {}
    for question_id, chunk_id, document_id, shown, *values in rows:
        if chunk_id in copies:
            ranked = Ranked(chunk_id, document_id, copies[chunk_id], shown, tuple(values))
            found.setdefault(question_id, []).append(ranked)
    return found


def _read_copies(connection: sa.Connection, chunk_ids: Iterable[int]) -> dict[int, int]:
    """`copy_of` each of these chunks that is there."""
    wanted = sa.select(chunk.c.id, chunk.c.text).where(
        chunk.c.id == sa.any_(sa.literal(list(chunk_ids), sa.ARRAY(sa.BigInteger)))
    )
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(wanted)
    return {chunk_id: copy_of(text) for chunk_id, text in rows}
