"""A generation's vectors: one plain `halfvec` table each, filled by binary COPY, indexed after the load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from psycopg import sql

from db.engine import RawConnection, raw_connection
from db.generation import Generation

CHANGE_LOCK = 0x6E69_0002
"""Advisory lock: changes of documents share it, promotion takes it alone."""

_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER = b"\xff\xff"


class StoredVectors(NamedTuple):
    """Vectors as they are stored: ids (n,), audiences (n,), vectors (n, dim) float32 widened from half precision."""

    chunk_ids: NDArray[np.int64]
    audience_ids: NDArray[np.int64]
    vectors: NDArray[np.float32]


def lock_for_change(raw: RawConnection) -> None:
    """Until the transaction ends, no generation is promoted: a change reaches every generation or waits its turn."""
    raw.execute("SELECT pg_advisory_xact_lock_shared(%s)", (CHANGE_LOCK,))


def create_vector_table(raw: RawConnection, generation: Generation) -> None:
    """Makes the generation's empty table, without its index; does nothing where it stands already."""
    raw.execute(
        sql.SQL(
            "CREATE TABLE IF NOT EXISTS {table} (chunk_id bigint PRIMARY KEY, audience_id bigint NOT NULL,"
            " embedding halfvec({dimension}) NOT NULL)"
        ).format(table=_table(generation), dimension=sql.Literal(generation.dimension))
    )
    # halfvec is short enough to stay in the row; compressing it would only cost time
    raw.execute(sql.SQL("ALTER TABLE {} ALTER embedding SET STORAGE PLAIN").format(_table(generation)))


def write_vectors(
    raw: RawConnection, generation: Generation, rows: Sequence[tuple[int, int]], vectors: NDArray[np.float32]
) -> None:
    """Adds one vector for each (chunk id, audience id), by binary COPY; vectors is (n, dim), unit rows.

    Raises:
        ValueError: shapes don't fit, or a vector isn't finite or is zero (its cosine distance would be NaN).
    """
    if vectors.shape != (len(rows), generation.dimension):
        raise ValueError(f"expected vectors of shape {(len(rows), generation.dimension)}, got {vectors.shape}")
    if not len(rows):
        return
    if not np.isfinite(vectors).all() or not vectors.any(axis=1).all():
        raise ValueError("a vector is zero or not finite")
    statement = sql.SQL("COPY {} (chunk_id, audience_id, embedding) FROM STDIN (FORMAT binary)")
    with raw.cursor().copy(statement.format(_table(generation))) as copy:
        copy.write(_COPY_HEADER + _pack(rows, vectors) + _COPY_TRAILER)


def _pack(rows: Sequence[tuple[int, int]], vectors: NDArray[np.float32]) -> bytes:
    """Lays the rows out as PostgreSQL's binary COPY wants them, all at once."""
    n, dimension = vectors.shape
    record = np.dtype(
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
    packed = np.zeros(n, dtype=record)
    ids = np.asarray(rows, dtype=np.int64)
    packed["fields"], packed["id_size"], packed["audience_size"] = 3, 8, 8
    packed["id"], packed["audience"] = ids[:, 0], ids[:, 1]
    packed["size"], packed["dim"] = 4 + 2 * dimension, dimension
    packed["values"] = vectors
    return packed.tobytes()


def delete_vectors(raw: RawConnection, generation: Generation, chunk_ids: Sequence[int]) -> None:
    """Removes the vectors of these chunks; unknown ids are passed over."""
    raw.execute(
        sql.SQL("DELETE FROM {} WHERE chunk_id = ANY(%s)").format(_table(generation)), (list(chunk_ids),), prepare=False
    )


def level_with_documents(raw: RawConnection, generation: Generation) -> int:
    """Removes vectors of chunks that are gone, moves those whose audience changed; returns how many chunks lack one."""
    table = _table(generation)
    raw.execute(sql.SQL("DELETE FROM {} e WHERE NOT EXISTS (SELECT FROM chunk WHERE id = e.chunk_id)").format(table))
    raw.execute(
        sql.SQL(
            "UPDATE {} e SET audience_id = d.audience_id FROM chunk c JOIN document d ON d.id = c.document_id"
            " WHERE c.id = e.chunk_id AND e.audience_id <> d.audience_id"
        ).format(table)
    )
    missing = sql.SQL("SELECT count(*) FROM chunk c WHERE NOT EXISTS (SELECT FROM {} WHERE chunk_id = c.id)")
    row = raw.execute(missing.format(table)).fetchone()
    return int(row[0]) if row else 0


def drop_vector_table(raw: RawConnection, generation: Generation) -> None:
    """Removes the generation's table and index, whether or not it stands."""
    raw.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(_table(generation)))


def build_index(raw: RawConnection, generation: Generation) -> None:
    """Builds the HNSW index over what was loaded, and analyses the table; does nothing where it stands already."""
    raw.execute(
        sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} USING hnsw (embedding halfvec_cosine_ops)").format(
            sql.Identifier(f"{generation.table}_hnsw"), _table(generation)
        )
    )
    raw.execute(sql.SQL("ANALYZE {}").format(_table(generation)))


def count_vectors(raw: RawConnection, generation: Generation) -> int:
    """How many chunks the generation holds."""
    row = raw.execute(sql.SQL("SELECT count(*) FROM {}").format(_table(generation))).fetchone()
    return int(row[0]) if row else 0


def read_vectors(engine: sa.Engine, generation: Generation, batch: int = 20_000) -> StoredVectors:
    """Reads all vectors, by chunk id, in batches."""
    parts = list(_read_batches(engine, generation, batch))
    if not parts:
        empty = np.zeros(0, np.int64)
        return StoredVectors(empty, empty, np.zeros((0, generation.dimension), np.float32))
    return StoredVectors(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def read_sample(raw: RawConnection, generation: Generation, n: int) -> NDArray[np.float32]:
    """Up to `n` stored vectors (n, dim), the same ones each time, spread over the corpus."""
    query = sql.SQL("SELECT embedding FROM {} ORDER BY hashint8(chunk_id), chunk_id LIMIT %s").format(
        _table(generation)
    )
    with raw.cursor(binary=True) as cursor:
        halves = [row[0].to_numpy() for row in cursor.execute(query, (n,))]
    return np.stack(halves).astype(np.float32) if halves else np.zeros((0, generation.dimension), np.float32)


def _read_batches(engine: sa.Engine, generation: Generation, batch: int) -> Iterator[StoredVectors]:
    query = sql.SQL(
        "SELECT chunk_id, audience_id, embedding FROM {} WHERE chunk_id > %s ORDER BY chunk_id LIMIT %s"
    ).format(_table(generation))
    last = -1
    while True:
        with raw_connection(engine) as raw, raw.cursor(binary=True) as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(query, (last, batch)).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        ids, audiences, halves = zip(*rows, strict=True)
        yield StoredVectors(
            np.asarray(ids, np.int64),
            np.asarray(audiences, np.int64),
            np.stack([half.to_numpy() for half in halves]).astype(np.float32),
        )


def _table(generation: Generation) -> sql.Identifier:
    return sql.Identifier(generation.table)
