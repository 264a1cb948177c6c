"""What is stored, for whoever keeps it in order: documents by address, folder or pattern, and their passages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from db.corpus.audience_rows import audience_name
from db.corpus.document import AudienceFrom
from db.schema import audience, chunk, citation, document, impression, vote

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document that is stored, with the live votes on its passages; `audience` is "public", or who may see it.

    That is as people write it, "#finance, @leads", or a kind and an id. `audience_from` says by whose word.
    """

    id: int
    uri: str
    title: str
    audience: str
    owner: str | None
    changed_at: datetime
    passages: int
    votes: int
    audience_from: AudienceFrom
    audience_id: int


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage of a document, and the live votes on it."""

    section: str
    text: str
    votes: int


def list_titled(engine: sa.Engine, title: str) -> Iterator[StoredDocument]:
    """The documents with that title, in whatever case."""
    return _list(engine, [document.c.deleted_at.is_(None), sa.func.lower(document.c.title) == sa.func.lower(title)])


def list_matching(engine: sa.Engine, pattern: str | None) -> Iterator[StoredDocument]:
    """The documents that match, in the order of their addresses; they may be removed meanwhile.

    A pattern is an address, or that of a folder: then all below it match. `*` in it stands for any characters, and `?`
    for one; then it must match the whole address. None matches all.
    """
    return _list(engine, _matches(pattern))


def _list(engine: sa.Engine, conditions: Sequence[sa.ColumnElement[bool]]) -> Iterator[StoredDocument]:
    passages = sa.select(sa.func.count()).where(chunk.c.document_id == document.c.id)
    votes = _count_votes().join(chunk, chunk.c.id == impression.c.chunk_id).where(chunk.c.document_id == document.c.id)
    query = (
        sa.select(document.c.id, document.c.source_uri, document.c.title)
        .add_columns(
            audience_name(),
            document.c.owner,
            document.c.changed_at,
            passages.scalar_subquery(),
            votes.scalar_subquery(),
        )
        .add_columns(document.c.audience_from, document.c.audience_id)
        .join_from(document, audience)
        .where(*conditions)
        .order_by(document.c.source_uri)
        .limit(_BATCH)
    )
    last = ""
    while True:
        with engine.connect() as connection:
            rows = connection.execute(query.where(document.c.source_uri > last)).all()
        if not rows:
            return
        last = rows[-1].source_uri
        yield from (StoredDocument(*row) for row in rows)


def list_passages(engine: sa.Engine, document_id: int) -> list[StoredPassage]:
    """A document's passages in their order."""
    votes = _count_votes().where(impression.c.chunk_id == chunk.c.id)
    query = sa.select(chunk.c.section, chunk.c.text, votes.scalar_subquery()).where(chunk.c.document_id == document_id)
    with engine.connect() as connection:
        return [StoredPassage(*row) for row in connection.execute(query.order_by(chunk.c.ordinal, chunk.c.id))]


def _count_votes() -> sa.Select[int]:
    return (
        sa.select(sa.func.count())
        .select_from(vote)
        .join(citation, citation.c.id == vote.c.citation_id)
        .join(impression, impression.c.id == citation.c.impression_id)
    )


def _matches(pattern: str | None) -> list[sa.ColumnElement[bool]]:
    stored = document.c.deleted_at.is_(None)
    if pattern is None:
        return [stored]
    if "*" in pattern or "?" in pattern:
        like = re.sub(r"[\\%_]", r"\\\g<0>", pattern).replace("*", "%").replace("?", "_")
        return [stored, document.c.source_uri.like(like)]
    below = sa.func.starts_with(document.c.source_uri, pattern.rstrip("/") + "/")
    return [stored, sa.or_(document.c.source_uri == pattern, below)]
