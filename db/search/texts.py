"""What was found without the store's search, with its texts and documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from db.schema import chunk, document
from db.search.features import Written
from db.search.found import DATES, Found, Hit, date_of

_TOLD = ("text_hash", "title", "uri", "section", "text", "ordinal", "owner", "place")
_GONE = Written("", "", "")


def read_written(engine: sa.Engine, chunk_ids: Sequence[int]) -> list[Written]:
    """What these chunks say, in their order; nothing for those that are gone."""
    wanted = chunk.c.id == sa.any_(sa.literal(list(chunk_ids), sa.ARRAY(sa.BigInteger)))
    columns = sa.select(chunk.c.id, document.c.title, chunk.c.section, chunk.c.text).join(document)
    with engine.connect() as connection:
        written_of = {id_: Written(*own) for id_, *own in connection.execute(columns.where(wanted))}
    return [written_of.get(chunk_id, _GONE) for chunk_id in chunk_ids]


def read_hits(engine: sa.Engine, found: Sequence[Found]) -> list[Hit]:
    """Each with its text and document, in the same order; those that are gone are left out."""
    front = document.c.front_matter
    columns = (
        chunk.c.id,
        chunk.c.text_hash,
        document.c.title,
        sa.func.coalesce(front["url"].astext, document.c.source_uri).label("uri"),
        chunk.c.section,
        chunk.c.text,
        chunk.c.ordinal,
        chunk.c.place,
        document.c.owner,
        sa.func.coalesce(*(front[name].astext for name in DATES)).label("named"),
    )
    wanted = chunk.c.id == sa.any_(sa.literal([own.chunk_id for own in found], sa.ARRAY(sa.BigInteger)))
    with engine.connect() as connection:
        row_of = {row.id: row._mapping for row in connection.execute(sa.select(*columns).join(document).where(wanted))}
    hits = []
    for own in found:
        if row := row_of.get(own.chunk_id):
            hits.append(Hit(**asdict(own), **{name: row[name] for name in _TOLD}, dated=date_of(row["named"])))
    return hits
