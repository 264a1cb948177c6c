"""Brings a generation's vectors level with the corpus: a new generation is merely one that lacks every chunk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sqlalchemy as sa
from psycopg import sql

from db.encoder import Encoder, passage_text
from db.engine import raw_connection
from db.generation import Generation
from db.vectors import create_vector_table, level_with_documents, lock_for_change, write_vectors

BATCH = 512
"""Chunks encoded between two commits: what a crash can cost."""

_LOCK = 3


def count_missing(engine: sa.Engine, generation: Generation) -> int:
    """How many chunks the generation has no vector of."""
    with raw_connection(engine) as raw:
        create_vector_table(raw, generation)
        return level_with_documents(raw, generation)


def backfill(
    engine: sa.Engine,
    generation: Generation,
    encoder: Encoder,
    on_batch: Callable[[int], None] | None = None,
    batch: int = BATCH,
) -> int:
    """Encodes every chunk that the generation lacks and returns how many; killed anywhere, the next call goes on.

    Memory is bounded by one batch. `on_batch(n)` is called as chunks are encoded.
    """
    table = sql.Identifier(generation.table)
    lacking = sql.SQL("NOT EXISTS (SELECT FROM {} WHERE chunk_id = c.id)").format(table)
    next_batch = sql.SQL(
        "SELECT c.id, d.audience_id, d.title, c.section, c.text FROM chunk c JOIN document d ON d.id = c.document_id"
        " WHERE c.id > %s AND {} ORDER BY c.id LIMIT %s"
    ).format(lacking)
    still_lacking = sql.SQL("SELECT id FROM chunk c WHERE id = ANY(%s) AND {}").format(lacking)
    done, last = 0, -1
    with raw_connection(engine) as raw:
        create_vector_table(raw, generation)
    while True:
        with raw_connection(engine) as raw:
            rows = raw.execute(next_batch, (last, batch)).fetchall()
        if not rows:
            return done
        ids = np.array([row[0] for row in rows])
        vectors = encoder.encode_passages([passage_text(*row[2:]) for row in rows], on_batch)
        with raw_connection(engine) as raw:
            # one writer at a time, and what went or was written while we encoded is left out
            raw.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_LOCK, generation.id))
            lock_for_change(raw)
            kept = np.isin(ids, [row[0] for row in raw.execute(still_lacking, (ids.tolist(),))])
            pairs = [(row[0], row[1]) for row, keep in zip(rows, kept, strict=True) if keep]
            write_vectors(raw, generation, pairs, vectors[kept])
        last = int(ids[-1])
        done += len(pairs)
