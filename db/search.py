"""Vector search: one statement that filters by audience inside, and returns the chunks with their documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import sql

from db.engine import RawConnection, raw_connection, reading_connection
from db.generation import Generation


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a search found; `similarity` is the cosine between question and chunk."""

    chunk_id: int
    document_id: int
    text_hash: bytes
    title: str
    uri: str
    section: str
    text: str
    ordinal: int
    similarity: float


def search(
    engine: sa.Engine,
    generation: Generation,
    vector: NDArray[np.float32],
    audience_ids: Sequence[int],
    k: int,
    *,
    exact: bool = False,
) -> list[Hit]:
    """Finds the `k` chunks nearest to `vector` (dim,) among those that these audiences may see, best first.

    The filter is inside the index scan, which goes on (pgvector's iterative scan) until k chunks pass it. Where it gives
    up early, because the filter is very selective, every vector is read instead: someone who may see 1% of the corpus
    still gets k chunks. Ties go to the lower chunk id. `exact` reads every vector from the start.
    """
    hits = _search(engine, generation, vector, audience_ids, k, exact)
    if len(hits) < k and not exact:
        return _search(engine, generation, vector, audience_ids, k, True)
    return hits


def _search(
    engine: sa.Engine,
    generation: Generation,
    vector: NDArray[np.float32],
    audience_ids: Sequence[int],
    k: int,
    exact: bool,
) -> list[Hit]:
    with reading_connection(engine) as (raw, remembered):
        _set_breadth(raw, remembered, generation.ef_search, exact)
        with raw.cursor(binary=True) as cursor:
            rows = cursor.execute(
                _statement(generation.table),
                {"vector": HalfVector(vector), "audiences": list(audience_ids), "k": k},
                prepare=True,
            ).fetchall()
    return [Hit(*row) for row in rows]


def nearest_distances(
    engine: sa.Engine, generation: Generation, vector: NDArray[np.float32], k: int, *, ef_search: int | None
) -> list[float]:
    """Cosine distances of the `k` nearest chunks, through the index at that breadth, or exact where it is None."""
    query = sql.SQL("SELECT embedding <=> %(vector)s AS distance FROM {} ORDER BY embedding <=> %(vector)s LIMIT %(k)s")
    with raw_connection(engine) as raw:
        # on a small table the planner would rather read everything, and nothing would be measured
        raw.execute(
            "SELECT set_config('hnsw.ef_search', %s, true), set_config(%s, 'off', true)",
            (str(ef_search or 40), "enable_seqscan" if ef_search else "enable_indexscan"),
        )
        with raw.cursor(binary=True) as cursor:
            parameters = {"vector": HalfVector(vector), "k": k}
            return [row[0] for row in cursor.execute(query.format(sql.Identifier(generation.table)), parameters)]


@lru_cache(maxsize=16)
def _statement(table: str) -> sql.Composed:
    # MATERIALIZED keeps the joins out of the index scan: inside it they can lose the index
    return sql.SQL(
        """
        WITH nearest AS MATERIALIZED (
            SELECT chunk_id, embedding <=> %(vector)s AS distance
            FROM {}
            WHERE audience_id = ANY(%(audiences)s)
            ORDER BY embedding <=> %(vector)s
            LIMIT %(k)s
        )
        SELECT c.id, c.document_id, c.text_hash, d.title, d.source_uri, c.section, c.text, c.ordinal,
               1 - n.distance AS similarity
        FROM nearest n JOIN chunk c ON c.id = n.chunk_id JOIN document d ON d.id = c.document_id
        ORDER BY n.distance, c.id
        """
    ).format(sql.Identifier(table))


def _set_breadth(raw: RawConnection, remembered: dict[object, object], ef_search: int, exact: bool) -> None:
    """Sets how widely the index is searched, once for a connection: a round trip per query would cost a third of it."""
    breadth = (ef_search, exact)
    if remembered.get("breadth") != breadth:
        raw.execute(
            "SELECT set_config('hnsw.ef_search', %s, false), set_config('enable_indexscan', %s, false)",
            (str(ef_search), "off" if exact else "on"),
        )
        remembered["breadth"] = breadth
