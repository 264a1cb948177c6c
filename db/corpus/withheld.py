"""Documents that aren't for all: what tells them when they come back elsewhere, or are copied."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from db.corpus.document import KnownDocument
from db.corpus.sketch import make_sketch
from db.schema import PUBLIC_AUDIENCE_ID, document
from db.store import RawConnection

NOWHERE = "removed:"
"""What the address of a removed document begins with, where another one is at its place since."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A document that isn't for all; of one that was removed, a sketch of its words, if one was kept.

    Of one that is stored, `signature` is what near copies of it are told by; b"" where it has none.
    """

    known: KnownDocument
    sketch: frozenset[int]
    signature: bytes = b""

    @property
    def is_nowhere(self) -> bool:
        """Whether another document is at the place from which it was removed."""
        return self.known.uri.startswith(NOWHERE)


def list_removed(engine: sa.Engine) -> list[Withheld]:
    """The documents that were removed and weren't for all, the latest first."""
    return _list(engine, document.c.deleted_at.is_not(None), document.c.deleted_at.desc())


def list_withheld_by_persons(engine: sa.Engine) -> list[Withheld]:
    """The documents that are stored and not for all because a person said so."""
    is_theirs = document.c.deleted_at.is_(None) & (document.c.audience_from == "person")
    return _list(engine, is_theirs, document.c.id)


def keep_sketches(raw: RawConnection, document_ids: list[int]) -> None:
    """Notes what tells those that aren't for all, whose passages are about to go."""
    rows = raw.execute(
        "SELECT d.id, array_agg(c.text ORDER BY c.ordinal) FROM document d JOIN chunk c ON c.document_id = d.id"
        " WHERE d.id = ANY(%s) AND d.audience_id <> %s GROUP BY d.id",
        (document_ids, PUBLIC_AUDIENCE_ID),
    ).fetchall()
    sketches = [(sorted(make_sketch(texts)), id_) for id_, texts in rows]
    with raw.cursor() as cursor:
        cursor.executemany("UPDATE document SET sketch = %s WHERE id = %s", sketches)


def keep_replaced(raw: RawConnection, document_ids: list[int]) -> None:
    """Notes what tells those that were removed and weren't for all, whose rows others are about to have."""
    raw.execute(
        "INSERT INTO document (source_uri, title, content_hash, audience_id, audience_from, audience_before, owner,"
        " owner_is_set, deleted_at, sketch) SELECT %s || id || ':' || encode(content_hash, 'hex'), title,"
        " content_hash, audience_id, audience_from, audience_before, owner, owner_is_set, deleted_at, sketch"
        " FROM document WHERE id = ANY(%s) AND audience_id <> %s ON CONFLICT DO NOTHING",
        (NOWHERE, document_ids, PUBLIC_AUDIENCE_ID),
    )


def _list(engine: sa.Engine, which: sa.ColumnElement[bool], order: sa.ColumnElement[object]) -> list[Withheld]:
    at = document.c
    known = at.id, at.content_hash, at.audience_id, at.deleted_at.is_not(None), at.source_uri, at.audience_from
    query = sa.select(at.sketch, at.signature, *known, at.source_id, at.audience_before).where(
        which, at.audience_id != PUBLIC_AUDIENCE_ID
    )
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(order, at.id)).all()
    return [Withheld(KnownDocument(*row[2:]), frozenset(row[0] or ()), row[1] or b"") for row in rows]
