"""Rows of `posting`, laid out and read here: an adapter would handle each element by itself."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg import Cursor
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

from db.store import RawConnection

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_ROWS = 4096
"""Rows laid out at once: bounds memory."""

_INT4 = 23
"""PostgreSQL's number of the type of the elements."""

# each field stands behind its size in bytes, each element behind its own
_BEFORE_LEXEME = struct.Struct(">hi")  # how many fields there are, and the lexeme's size
_AFTER_LEXEME = struct.Struct(">iqiqiqii")  # audience, segment, base and n
_ARRAY = struct.Struct(">iiiiii")  # size, dimensions, whether NULLs are in it, type, length, and the first's number
_EMPTY_ARRAY = struct.Struct(">iiii")


class Rows(NamedTuple):
    """What a segment says of an audience's passages: a row for each of m lexemes.

    Args:
        lexemes: m different ones.
        sizes: `(m,)` how many elements each has.
        elements: int32, packed, those of the first lexeme first.
        removed: `(m,)` how many chunks less have a lexeme than there are elements.
    """

    lexemes: Sequence[str]
    sizes: NDArray[np.int64]
    elements: NDArray[np.int32]
    removed: NDArray[np.int64]


def copy_rows(raw: RawConnection, segment: int, base: int, audience_id: int, rows: Rows) -> None:
    """Adds a segment's rows of an audience, by binary COPY; `base` is what the elements' chunk ids are told from."""
    statement = "COPY posting (lexeme, audience_id, segment, base, n, packed) FROM STDIN (FORMAT binary)"
    ends = np.concatenate(([0], np.cumsum(rows.sizes)))
    with raw.cursor().copy(statement) as copy:
        copy.write(_HEADER)
        for start in range(0, len(rows.lexemes), _ROWS):
            stop = min(start + _ROWS, len(rows.lexemes))
            some = Rows(
                rows.lexemes[start:stop],
                rows.sizes[start:stop],
                rows.elements[ends[start] : ends[stop]],
                rows.removed[start:stop],
            )
            copy.write(_lay_out(some, segment, base, audience_id))
        copy.write(_TRAILER)


def read_rows(
    raw: RawConnection, audience_id: int, lexemes: Sequence[str], bases: Sequence[int]
) -> dict[tuple[int, int], Rows]:
    """An audience's rows of these lexemes with these bases: by segment and base."""
    query = (
        "SELECT lexeme, segment, base, n, packed FROM posting"
        " WHERE audience_id = %s AND lexeme = ANY(%s) AND base = ANY(%s)"
    )
    found: dict[tuple[int, int], list[tuple[str, NDArray[np.int32], int]]] = defaultdict(list)
    with packed_cursor(raw) as cursor:
        for lexeme, segment, base, n, elements in cursor.execute(query, (audience_id, list(lexemes), list(bases))):
            found[segment, base].append((lexeme, elements, len(elements) - n))
    return {key: _rows(own) for key, own in found.items()}


def packed_cursor(raw: RawConnection) -> Cursor[tuple[Any, ...]]:
    """A binary one that reads an int4[] as `(n,)` int32 at once; one by one they would take most of the time."""
    cursor = raw.cursor(binary=True)
    cursor.adapters.register_loader(cursor.adapters.types["int4"].array_oid, _Packed)
    return cursor


class _Packed(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> NDArray[np.int32]:
        return np.frombuffer(data, dtype=">i4")[6::2].astype(np.int32)  # a head of five, then size and value of each


def _rows(found: Sequence[tuple[str, NDArray[np.int32], int]]) -> Rows:
    lexemes, elements, removed = zip(*found, strict=True)
    return Rows(lexemes, np.array([len(own) for own in elements]), np.concatenate(elements), np.array(removed))


def _lay_out(rows: Rows, segment: int, base: int, audience_id: int) -> bytes:
    lexemes = list(map(str.encode, rows.lexemes))
    sizes = list(zip(rows.sizes.tolist(), rows.removed.tolist(), strict=True))
    before = {length: _BEFORE_LEXEME.pack(6, length) for length in set(map(len, lexemes))}
    after = {
        (size, removed): _AFTER_LEXEME.pack(8, audience_id, 8, segment, 8, base, 4, size - removed) + _array_head(size)
        for size, removed in set(sizes)
    }
    sized = np.full((len(rows.elements), 2), 4, dtype=">i4")
    sized[:, 1] = rows.elements
    elements = sized.tobytes()
    ends = accumulate((sized.itemsize * 2 * size for size, _ in sizes), initial=0)
    fields = (
        map(before.__getitem__, map(len, lexemes)),
        lexemes,
        map(after.__getitem__, sizes),
        (elements[start:end] for start, end in pairwise(ends)),
    )
    return b"".join(chain.from_iterable(zip(*fields, strict=True)))


def _array_head(size: int) -> bytes:
    if not size:
        return _EMPTY_ARRAY.pack(12, 0, 0, _INT4)
    return _ARRAY.pack(20 + 8 * size, 1, 0, _INT4, size, 1)
