"""Which questions and pairs may be told to anybody: asked in public, and of documents that everybody may read."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from db.corpus import PUBLIC_AUDIENCE_ID, asked_in_public
from db.schema import chunk, curated_pair, curated_pair_chunk, document, question


class PairRow(NamedTuple):
    """A curated pair; one that isn't `public` is of a question asked in private, or of a document for some."""

    id: int
    prompt: str
    completion: str
    public: bool


def public_questions(engine: sa.Engine) -> set[int]:
    """Those that were asked where everybody reads, by id."""
    with engine.connect() as connection:
        return set(connection.scalars(sa.select(question.c.id).where(asked_in_public())))


def read_pair_rows(engine: sa.Engine) -> list[PairRow]:
    """All of them, oldest first; one whose passage is nowhere any more can't be told to be for everybody."""
    in_private = sa.exists().where(question.c.id == curated_pair.c.question_id, ~asked_in_public())
    for_all = sa.exists(
        sa.select(1)
        .select_from(curated_pair_chunk.join(chunk).join(document))
        .where(curated_pair_chunk.c.pair_id == curated_pair.c.id, document.c.audience_id == PUBLIC_AUDIENCE_ID)
    )
    pair = curated_pair.c
    wanted = sa.select(pair.id, pair.prompt, pair.completion, sa.and_(~in_private, for_all)).order_by(pair.id)
    with engine.connect() as connection:
        return [PairRow(*row) for row in connection.execute(wanted)]
