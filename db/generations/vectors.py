"""A generation's vectors: one plain `halfvec` table an artefact, filled by binary COPY, indexed after the load.

Generations of one artefact share them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from psycopg import sql

from db.errors import NightshiftError
from db.generations.generation import Generation
from db.store import RawConnection, raw_connection

_INDEX_LOCK = 3
_CHANGES: LiteralString = "coalesce((SELECT changes FROM corpus), 0)"
_INDEXES: dict[str, LiteralString] = {
    "hnsw": "USING hnsw (embedding halfvec_cosine_ops)",
    "audience": "(audience_id)",
}
_IS_BROKEN: LiteralString = "SELECT FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid"
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER = b"\xff\xff"


class StoredVectors(NamedTuple):
    """Vectors as they are stored: ids (n,), audiences (n,), vectors (n, dim) float32 widened from half precision."""

    chunk_ids: NDArray[np.int64]
    audience_ids: NDArray[np.int64]
    vectors: NDArray[np.float32]


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
    raw: RawConnection, generation: Generation, rows: Sequence[tuple[int, int]], vectors: NDArray[np.float32]
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
    packed = np.zeros(len(rows), dtype=_record(generation.dimension))
    packed["fields"], packed["id_size"], packed["audience_size"] = 3, 8, 8
    packed["id"], packed["audience"] = np.asarray(rows, dtype=np.int64).T
    packed["size"], packed["dim"] = 4 + 2 * generation.dimension, generation.dimension
    packed["values"] = vectors
    statement = sql.SQL("COPY {} (chunk_id, audience_id, embedding) FROM STDIN (FORMAT binary)")
    with raw.cursor().copy(statement.format(_table(generation))) as copy:
        copy.write(_COPY_HEADER)
        copy.write(packed.tobytes())
        copy.write(_COPY_TRAILER)


def _record(dimension: int) -> np.dtype[np.void]:
    """A row as PostgreSQL's binary COPY lays it out, so that all are converted at once, in either direction."""
    return np.dtype(
        [
            ("fields", ">i2"),
            ("id_size", ">i4"),
            ("id", ">i8"),
            ("audience_size", ">i4"),
            ("audience", ">i8"),
            ("size", ">i4"),
            ("dim", ">i2"),
            ("unused", ">i2"),
            ("values", ">f2", (dimension,)),
        ]
    )


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


def read_vectors(engine: sa.Engine, generation: Generation) -> StoredVectors:
    """Reads all vectors, by chunk id, by binary COPY."""
    query = sql.SQL(
        "COPY (SELECT chunk_id, audience_id, embedding FROM {} ORDER BY chunk_id) TO STDOUT (FORMAT binary)"
    )
    with raw_connection(engine) as raw, raw.cursor().copy(query.format(_table(generation))) as copy:
        data = b"".join(copy)
    rows = np.frombuffer(data[len(_COPY_HEADER) : -len(_COPY_TRAILER)], dtype=_record(generation.dimension))
    return StoredVectors(
        rows["id"].astype(np.int64), rows["audience"].astype(np.int64), rows["values"].astype(np.float32)
    )


def _table(generation: Generation) -> sql.Identifier:
    return sql.Identifier(generation.table)
