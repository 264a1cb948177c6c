"""Chunks as they stand: their texts, their documents and whether there are any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from db.models import passage_text
from db.schema import chunk, document


def read_passages(engine: sa.Engine, chunk_ids: Iterable[int], *, audience_id: int | None = None) -> dict[int, str]:
    """The texts of these chunks as they are encoded; chunks that are gone, or of another audience, are left out."""
    query = (
        sa.select(chunk.c.id, document.c.title, chunk.c.section, chunk.c.text)
        .join(document)
        .where(chunk.c.id == sa.any_(sa.literal(sorted(set(chunk_ids)), sa.ARRAY(sa.BigInteger))))
    )
    if audience_id is not None:
        query = query.where(document.c.audience_id == audience_id)
    with engine.connect() as connection:
        return {row.id: passage_text(row.title, row.section, row.text) for row in connection.execute(query)}


def read_uris_of_chunks(engine: sa.Engine) -> dict[int, str]:
    """The address of every chunk's document."""
    query = sa.select(chunk.c.id, document.c.source_uri).join(document)
    with engine.connect() as connection:
        return {row.id: row.source_uri for row in connection.execute(query)}


def find_same_text(connection: sa.Connection, document_id: int, text: str) -> int | None:
    """A document's chunk with that text, kept from going until the transaction ends."""
    query = sa.select(chunk.c.id).where(chunk.c.document_id == document_id, chunk.c.text == text)
    return connection.scalar(query.order_by(chunk.c.id).limit(1).with_for_update(read=True, key_share=True))


def count_chunks(engine: sa.Engine) -> int:
    """How many there are, whoever may see them."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(chunk)) or 0


def holds_any(engine: sa.Engine, texts: Sequence[str]) -> bool:
    """Whether any of these is a chunk's text, wherever its document came from and whatever its title is."""
    stored = sa.select(chunk.c.id).where(chunk.c.text == sa.any_(sa.literal(list(texts), sa.ARRAY(sa.Text))))
    with engine.connect() as connection:
        return bool(connection.scalar(sa.select(stored.exists())))
