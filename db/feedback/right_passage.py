"""Which document somebody means, and which of its passages answers a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa
from pgvector import HalfVector
from psycopg import sql

from db.errors import BadInputError, UnknownIdError
from db.feedback.completions import CompletionFinder, Passage
from db.generations import Pins
from db.models import encode_questions
from db.schema import chunk, document
from db.store import clean_text, raw_connection

if TYPE_CHECKING:
    from db.generations import Encoders

_NEAR_TITLES = 3
_MAX_WORDS = 20


def find_document(engine: sa.Engine, uri_or_title: str, audience_ids: Sequence[int] | None = None) -> sa.Row[int, str]:
    """The id and title of the one document by that address, its own or its front matter's, or else by that title.

    An address may point into the page (`…#section`), and a title counts in whatever case; with `audience_ids`, only
    documents of these audiences do.

    Raises:
        UnknownIdError: there is none; names a few whose titles come near.
        BadInputError: there are several.
    """
    name = clean_text(uri_or_title).strip()
    addresses = {name, name.partition("#")[0]}
    by_address = sa.or_(document.c.source_uri.in_(addresses), document.c.front_matter["url"].astext.in_(addresses))
    query = sa.select(document.c.id, document.c.title).where(document.c.deleted_at.is_(None))
    if audience_ids is not None:
        query = query.where(document.c.audience_id.in_(audience_ids))
    with engine.connect() as connection:
        found = (
            connection.execute(query.where(by_address)).all()
            or connection.execute(query.where(sa.func.lower(document.c.title) == sa.func.lower(name))).all()
        )
        near = [] if found else _near_titles(connection, query, name)
    if near:
        titles = ", ".join(f"“{title}”" for title in near)
        raise UnknownIdError(f"There is no document by that address or title. Did you mean {titles}?")
    if not found:
        raise UnknownIdError("There is no document by that address or title; titles must be given whole.")
    if len(found) > 1:
        raise BadInputError(f"{len(found)} documents go by that name; give the address of the one you mean.")
    return found[0]


def _near_titles(connection: sa.Connection, query: sa.Select[int, str], name: str) -> list[str]:
    """Titles that share words with the name, those that share most of them first."""
    words = " or ".join(f'"{word}"' for word in re.findall(r"\w+", name)[:_MAX_WORDS])
    title = sa.func.to_tsvector("english", document.c.title)
    wanted = sa.func.websearch_to_tsquery("english", words)
    ranked = query.where(title.op("@@")(wanted)).order_by(sa.func.ts_rank(title, wanted).desc(), document.c.id)
    return [row.title for row in connection.execute(ranked.limit(_NEAR_TITLES))]


def nearest_passage(engine: sa.Engine, encoders: Encoders, prompt: str, document_id: int) -> tuple[list[int], str]:
    """The document's chunk nearest to the question by the serving generation, and its text.

    Raises:
        BadInputError: the document has no chunks.
        EmptyCorpusError: nothing was ever ingested.
    """
    generation, encoder = Pins(engine, encoders).pin()
    [question] = encode_questions(encoder, [prompt])
    # the sum keeps the index out of it: that one knows no documents
    query = sql.SQL(
        "SELECT c.id, c.text FROM chunk c JOIN {} e ON e.chunk_id = c.id WHERE c.document_id = %(document)s"
        " ORDER BY (e.embedding <=> %(vector)b) + 0, c.id LIMIT 1"
    ).format(sql.Identifier(generation.table))
    with raw_connection(engine) as raw:
        row = raw.execute(query, {"vector": HalfVector(question.vector), "document": document_id}).fetchone()
    if row is None:
        raise BadInputError("That document has no passages.")
    return [row[0]], row[1]


def passage_with(engine: sa.Engine, text: str, found: sa.Row[int, str]) -> tuple[list[int], str]:
    """The document's first chunk that holds the text, and that chunk's own words.

    All of them are kept: nights look for them again, and other documents may hold a few of them.

    Raises:
        BadInputError: none does.
    """
    finder = CompletionFinder({0: clean_text(text).strip()})
    query = sa.select(chunk.c.id, chunk.c.section, chunk.c.text).where(chunk.c.document_id == found.id)
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(chunk.c.ordinal)).all()
    finder.look_in(Passage(row.id, row.section.rsplit(" > ", 1)[-1] or found.title, row.text) for row in rows)
    held = set(finder.found(0))
    for row in rows:
        if row.id in held:
            return [row.id], row.text
    raise BadInputError("That text is not in that document.")
