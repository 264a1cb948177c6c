"""What was found for questions, with all that a ranking orders by: so yesterday's answers can be ranked again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from db.schema import chunk, impression
from db.search import copy_of


class Ranked(NamedTuple):
    """A passage that a search found, as it was then; `features` are `(len(FEATURES),)`. Its document may be gone.

    `copy` is equal for passages of the same words.
    """

    chunk_id: int | None
    document_id: int | None
    copy: int
    shown: bool
    features: tuple[float, ...]


def read_ranked(engine: sa.Engine, question_ids: Iterable[int]) -> dict[int, list[Ranked]]:
    """For each of these questions the passages that were found, best first; none of before features were kept."""
    own = impression.c
    features = (own.similarity, own.words, own.coverage, own.pairs, own.in_title, own.in_opening, own.length)
    wanted = (
        sa.select(own.question_id, own.chunk_id, chunk.c.document_id, chunk.c.text, own.chunk_text_hash)
        .add_columns(own.shown, *features)
        .outerjoin(chunk, chunk.c.id == own.chunk_id)
        .where(own.question_id == sa.any_(sa.literal(list(question_ids), sa.ARRAY(sa.BigInteger))))
        .where(sa.and_(*(feature.is_not(None) for feature in features)))
        .order_by(own.question_id, own.rank)
    )
    with engine.connect() as connection:
        rows = connection.execute(wanted).all()
    found: dict[int, list[Ranked]] = {}
    for question_id, chunk_id, document_id, text, text_hash, shown, *values in rows:
        copy = copy_of(text_hash.hex() if text is None else text)
        found.setdefault(question_id, []).append(Ranked(chunk_id, document_id, copy, shown, tuple(values)))
    return found
