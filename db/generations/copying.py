"""Rows of a table of vectors as binary COPY has them, laid out and read some at a time: an adapter takes far longer."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg.abc import Buffer

from db.generations.vector_file import VectorFile
from db.models import VectorRows, Vectors

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_BYTES_AT_ONCE = 4_000_000


class StoredVectors(NamedTuple):
    """Vectors by ascending chunk id: ids (n,), audiences (n,), vectors (n, dim).

    Read from the store they are float16, as they are there, and on disk: they are read and widened where they are
    compared, some at a time.
    """

    chunk_ids: NDArray[np.int64]
    audience_ids: NDArray[np.int64]
    vectors: VectorRows


def lay_out(rows: Sequence[tuple[int, int]], vectors: Vectors) -> Iterator[bytes]:
    """What COPY is sent for these (chunk id, audience id) with their vectors, `(len(rows), dim)`."""
    dimension = vectors.shape[1]
    packed = np.zeros(len(rows), dtype=_record(dimension))
    packed["fields"], packed["id_size"], packed["audience_size"] = 3, 8, 8
    packed["id"], packed["audience"] = np.asarray(rows, dtype=np.int64).reshape(-1, 2).T
    packed["size"], packed["dim"] = 4 + 2 * dimension, dimension
    packed["values"] = vectors
    yield from (_HEADER, packed.tobytes(), _TRAILER)


def collect(sent: Iterable[Buffer], dimension: int, folder: Path | None = None) -> StoredVectors:
    """The rows as COPY sends them, in whatever parts; of their number only that of the ids takes memory.

    Args:
        sent: what COPY sends.
        dimension: of each vector.
        folder: on whose disk the vectors are put.

    Raises:
        OSError: that disk is full.
    """
    ids, audiences, vectors = array("q"), array("q"), VectorFile(dimension, folder)
    for rows in _whole_rows(sent, _record(dimension)):
        ids.frombytes(rows["id"].astype(np.int64).tobytes())
        audiences.frombytes(rows["audience"].astype(np.int64).tobytes())
        vectors.append(rows["values"].astype(np.float16))
    return StoredVectors(np.frombuffer(ids, np.int64), np.frombuffer(audiences, np.int64), vectors)


def _whole_rows(sent: Iterable[Buffer], record: np.dtype[np.void]) -> Iterator[NDArray[np.void]]:
    data, begins = bytearray(), len(_HEADER)
    for part in sent:
        data += part
        if len(data) - begins >= max(_BYTES_AT_ONCE, record.itemsize):
            n_rows = (len(data) - begins) // record.itemsize
            yield np.frombuffer(data, record, n_rows, begins)
            data, begins = data[begins + n_rows * record.itemsize :], 0
    yield np.frombuffer(data[begins : -len(_TRAILER)], record)


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
