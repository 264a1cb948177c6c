"""Brings a generation's vectors level with the corpus: a new generation is merely one that lacks every chunk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sqlalchemy as sa
from psycopg import sql

from db.encoder import Encoder, passage_text
from db.engine import driver, raw_connection
from db.generation import Generation
from db.generations import update_generation
from db.vectors import (
    CHANGE_LOCK,
    create_vector_table,
    level_with_documents,
    lock_for_change,
    lock_for_writing,
    write_vectors,
)

BATCH = 512
"""Chunks encoded between two commits: what a crash can cost."""


def count_missing(engine: sa.Engine, generation: Generation) -> int:
    """How many chunks the generation has no vector of; vectors of chunks that are gone, it loses.

    Where none is missing, the generation is noted as level with the documents, and promoting it takes no time.
    """
    with engine.begin() as connection:
        create_vector_table(driver(connection), generation)
    with engine.begin() as connection:
        # alone for an instant: whatever changes after has a higher number, whatever began before is in what we compare
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CHANGE_LOCK)))
        level_seq = connection.scalar(sa.select(chunk_change_seq.next_value()))
    with engine.begin() as connection:
        missing = level_with_documents(driver(connection), generation)
        if not missing:
            update_generation(connection, generation.id, level_seq=level_seq)
    return missing


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
    lacking = sql.SQL(
        " FROM chunk c JOIN document d ON d.id = c.document_id"
        " WHERE {{}} AND NOT EXISTS (SELECT FROM {} WHERE chunk_id = c.id)"
    ).format(sql.Identifier(generation.table)).as_string(None)
