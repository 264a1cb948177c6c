"""A generation's vectors: one plain `halfvec` table an artefact, filled by binary COPY, indexed after the load.

Generations of one artefact share them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import LiteralString

import numpy as np
import sqlalchemy as sa
from psycopg import sql

from db.errors import NightshiftError
from db.generations.copying import StoredVectors, collect, lay_out
from db.generations.generation import Generation
from db.models import Vectors
from db.store import RawConnection, raw_connection

_INDEX_LOCK = 3
_CHANGES: LiteralString = "coalesce((SELECT changes FROM corpus), 0)"
_INDEXES: dict[str, LiteralString] = {
    "hnsw": "USING hnsw (embedding halfvec_cosine_ops)",
    "audience": "(audience_id)",
}
_IS_BROKEN: LiteralString = "SELECT FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid"


def create_vector_table(raw: RawConnection, generation: Generation) -> None:
    """Makes the generation's empty table, without its indexes; does nothing where it stands already."""
    if raw.execute("SELECT to_regclass(%s)", (generation.table,)).fetchone() != (None,):
        return
    table = _table(generation)
    raw.execute(
        sql.SQL(
            "CREATE TABLE {} (chunk_id bigint PRIMARY KEY, audience_id bigint NOT NULL, embedding halfvec({}) NOT NULL)"
        ).format(table, sql.Literal(generation.dimension))
    )
    # in the row whatever the dimension: a search that had to fetch each vector from elsewhere would be slow
    raw.execute(sql.SQL("ALTER TABLE {} ALTER embedding SET STORAGE PLAIN").format(table))


def write_vectors(
    raw: RawConnection, generation: Generation, rows: Sequence[tuple[int, int]], vectors: Vectors
) -> None:
    """Adds one vector for each (chunk id, audience id), by binary COPY; vectors is (n, dim), unit rows.

    Raises:
        ValueError: shapes don't fit, or a vector isn't of unit length (of a zero one the cosine distance is NaN).
    """
    if vectors.shape != (len(rows), generation.dimension):
        raise ValueError(f"expected vectors of shape {(len(rows), generation.dimension)}, got {vectors.shape}")
    if not len(rows):
        return
    squares = np.einsum("ij,ij->i", vectors, vectors)
    if not (np.abs(squares - 1) < 0.01).all():  # false for NaN too
        raise ValueError("a vector isn't of unit length")
    statement = sql.SQL("COPY {} (chunk_id, audience_id, embedding) FROM STDIN (FORMAT binary)")
    with raw.cursor().copy(statement.format(_table(generation))) as copy:
        for part in lay_out(rows, vectors):
            copy.write(part)


def delete_vectors(raw: RawConnection, generation: Generation, chunk_ids: Sequence[int]) -> None:
    """Removes the vectors of these chunks; unknown ids are passed over."""
    raw.execute(
        sql.SQL("DELETE FROM {} WHERE chunk_id = ANY(%s)").format(_table(generation)), (list(chunk_ids),), prepare=False
    )


def level_with_documents(raw: RawConnection, generation: Generation) -> int:
    """Removes vectors of chunks that are gone, moves those whose audience changed; returns how many chunks lack one.

    The vectors must be held (`hold_vectors`). Where none lacks one, the artefact's row says with how many changes of
    documents they are level: with those that were through when this began, whoever changes some meanwhile.
    """
    table = _table(generation)
    seen = raw.execute(f"SELECT {_CHANGES}").fetchone()
    raw.execute(sql.SQL("DELETE FROM {} e WHERE NOT EXISTS (SELECT FROM chunk WHERE id = e.chunk_id)").format(table))
    raw.execute(
        sql.SQL(
            "UPDATE {} e SET audience_id = d.audience_id FROM chunk c JOIN document d ON d.id = c.document_id"
            " WHERE c.id = e.chunk_id AND e.audience_id <> d.audience_id"
        ).format(table)
    )
    query = sql.SQL("SELECT count(*) FROM chunk c WHERE NOT EXISTS (SELECT FROM {} WHERE chunk_id = c.id)")
    row = raw.execute(query.format(table)).fetchone()
    missing = int(row[0]) if row else 0
    if seen and not missing:
        raw.execute("UPDATE artefact SET level_with = %s WHERE id = %s", (seen[0], generation.artefact_id))
    return missing


def is_level(raw: RawConnection, generation: Generation) -> bool:
    """Whether no document changed since `level_with_documents` found none missing; no change may be under way."""
    query: LiteralString = f"SELECT FROM artefact WHERE id = %s AND level_with = {_CHANGES}"
    return raw.execute(query, (generation.artefact_id,)).fetchone() is not None


def drop_vectors(raw: RawConnection, generation: Generation) -> None:
    """Removes the generation's table and indexes, whether or not it stands, unless another generation uses it.

    One that was refused or pruned uses none.

    Raises:
        NightshiftError: it is in service.
    """
    if raw.execute("SELECT FROM in_service WHERE generation_id = %s", (generation.id,)).fetchone() is not None:
        raise NightshiftError(f"Generation {generation.id} is in service, so its vectors can't be removed.")
    others = "SELECT FROM generation WHERE artefact_id = %s AND id <> %s AND status IN ('building', 'built')"
    if raw.execute(others, (generation.artefact_id, generation.id)).fetchone() is not None:
        return
    raw.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(_table(generation)))
    raw.execute("UPDATE artefact SET level_with = NULL WHERE id = %s", (generation.artefact_id,))


def build_index(raw: RawConnection, generation: Generation) -> None:
    """Builds the indexes over what was loaded, and analyses the table; does nothing where they stand whole already.

    HNSW over the vectors, and a small one over the audiences for those who may see little.
    """
    # the other waits, then finds it
    raw.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_INDEX_LOCK, generation.artefact_id))
    table = _table(generation)
    for name, how in zip(index_names(generation), _INDEXES.values(), strict=True):
        index = sql.Identifier(name)
        if raw.execute(_IS_BROKEN, (name,)).fetchone() is not None:
            raw.execute(sql.SQL("DROP INDEX {}").format(index))
        raw.execute(sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} {}").format(index, table, sql.SQL(how)))
    raw.execute(sql.SQL("ANALYZE {}").format(table))


def index_names(generation: Generation) -> list[str]:
    """What the generation's indexes are called, beside the primary key."""
    return [f"{generation.table}_{name}" for name in _INDEXES]


def read_vectors(engine: sa.Engine, generation: Generation, folder: Path | None = None) -> StoredVectors:
    """Reads all vectors, by chunk id, as they are stored, by binary COPY.

    Args:
        engine: of the store.
        generation: whose vectors.
        folder: on whose disk they are put, without a name; None: where the system has such files.

    Raises:
        OSError: that disk is full.
    """
    table = _table(generation)
    query = sql.SQL(
        "COPY (SELECT chunk_id, audience_id, embedding FROM {} ORDER BY chunk_id) TO STDOUT (FORMAT binary)"
    )
    with raw_connection(engine) as raw:
        with raw.cursor().copy(query.format(table)) as copy:
            return collect(copy, generation.dimension, folder)


def _table(generation: Generation) -> sql.Identifier:
    return sql.Identifier(generation.table)
