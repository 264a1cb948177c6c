"""Vector search: one statement that filters by audience inside, and returns the chunks with their documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from pgvector import HalfVector
from psycopg import sql

from db.generations import Generation
from db.models import EncodedQuestion
from db.search.found import DATES, Hit, copy_of, date_of
from db.search.ranking import rank_found
from db.store import RawConnection, reading_connection


def search(
    engine: sa.Engine,
    generation: Generation,
    question: EncodedQuestion,
    audience_ids: Sequence[int],
    k: int,
    *,
    exact: bool = False,
) -> list[Hit]:
    """Finds the `k` chunks nearest to `question` among those that these audiences may see, best first.

    The filter is inside the index scan, which goes on (pgvector's iterative scan) until k chunks pass it. Where it
    gives up early, because the filter is very selective, every vector that may be seen is read instead: someone who may
    see 1% of the corpus still gets k chunks. `exact` does so from the start. Of equally near chunks the lower id comes
    first.
    """
    if not exact:
        hits = _search(engine, generation, question, audience_ids, k, exact=False)
        if len(hits) == k:
            return hits
    return _search(engine, generation, question, audience_ids, k, exact=True)


def _search(
    engine: sa.Engine,
    generation: Generation,
    question: EncodedQuestion,
    audience_ids: Sequence[int],
    k: int,
    *,
    exact: bool,
) -> list[Hit]:
    statement = _statement(generation.table, k, exact)
    parameters = {"vector": HalfVector(question.vector), "audiences": list(audience_ids)}
    with reading_connection(engine) as (raw, remembered):
        _set_breadth(raw, remembered, generation.ef_search)
        with raw.cursor(binary=True) as cursor:
            # an exact one is planned anew each time, for how much these audiences see decides how to read it
            return rank_found([_hit(*row) for row in cursor.execute(statement, parameters, prepare=not exact)])


@lru_cache(maxsize=64)
def _statement(table: str, k: int, exact: bool) -> str:
    # MATERIALIZED keeps the joins out of the index scan: inside it they can lose the index. IS TRUE keeps the index on
    # audiences out of it, and a limit that is no parameter lets the plan be kept: planning takes as long as searching.
    # The audience is checked once more beside the text, whatever the vectors' table says.
    query = sql.SQL(
        """
        WITH nearest AS MATERIALIZED (
            SELECT chunk_id, embedding <=> %(vector)b AS distance
            FROM {table}
            WHERE {visible}
            ORDER BY {order}
            LIMIT {k}
        )
        SELECT c.id, c.document_id, c.text_hash, d.title,
               coalesce(d.front_matter->>'url', d.source_uri), c.section, c.text, c.ordinal,
               d.owner, {dated}, d.changed_at::date, 1 - n.distance AS similarity
        FROM nearest n JOIN chunk c ON c.id = n.chunk_id JOIN document d ON d.id = c.document_id
        WHERE d.audience_id = ANY(%(audiences)s::bigint[])
        """
    ).format(
        table=sql.Identifier(table),
        visible=sql.SQL("audience_id = ANY(%(audiences)s::bigint[])" + ("" if exact else " IS TRUE")),
        order=_order(exact=exact),
        dated=_DATED,
        k=sql.Literal(k),
    )
    return query.as_string(None)


_DATED = sql.SQL("coalesce({})").format(
    sql.SQL(", ").join(sql.SQL("d.front_matter->>{}").format(sql.Literal(name)) for name in DATES)
)


def _hit(
    chunk_id: int,
    document_id: int,
    text_hash: bytes,
    title: str,
    uri: str,
    section: str,
    text: str,
    ordinal: int,
    owner: str | None,
    dated: str | None,
    changed: date,
    similarity: float,
) -> Hit:
    return Hit(
        chunk_id=chunk_id,
        document_id=document_id,
        copy=copy_of(text),
        similarity=similarity,
        words=0.0,
        coverage=0.0,
        score=similarity,
        text_hash=text_hash,
        title=title,
        uri=uri,
        section=section,
        text=text,
        ordinal=ordinal,
        owner=owner,
        dated=date_of(dated, changed),
    )


def _order(*, exact: bool) -> sql.SQL:
    # the index serves no sum
    return sql.SQL("(embedding <=> %(vector)b) + 0, chunk_id" if exact else "embedding <=> %(vector)b")


def _set_breadth(raw: RawConnection, remembered: dict[Any, Any], ef_search: int) -> None:
    """Sets how widely the index is searched, once for a connection: a round trip per query would cost a third of it."""
    if remembered.get("ef_search") != ef_search:
        raw.execute("SELECT set_config('hnsw.ef_search', %s, false)", (str(ef_search),))
        remembered["ef_search"] = ef_search
