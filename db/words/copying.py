"""Rows of `posting` by binary COPY, laid out here: an adapter would handle each element by itself."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Mapping

import numpy as np

from db.store import RawConnection

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_BUFFER = 1 << 20
_INT4 = 23
"""PostgreSQL's number of the type of the elements."""

# each field behind its size in bytes: how many fields and the lexeme's size; then audience, segment, base and n, and
# the array's head: dimensions, no NULLs, type, length, first index
_BEFORE_LEXEME = struct.Struct(">hi")
_AFTER_LEXEME = struct.Struct(">iqiqiqii")
_ARRAY = struct.Struct(">iiiiii")
_EMPTY_ARRAY = struct.pack(">iiii", 12, 0, 0, _INT4)


class Row:
    """What is known of a lexeme in an audience and a segment: chunks added less removed, and packed elements."""

    __slots__ = ("n", "packed")

    def __init__(self) -> None:
        self.n = 0
        self.packed = array("i")


def copy_rows(raw: RawConnection, segment: int, base: int, rows: Mapping[tuple[str, int], Row]) -> None:
    """Adds a segment's rows, by lexeme and audience."""
    statement = "COPY posting (lexeme, audience_id, segment, base, n, packed) FROM STDIN (FORMAT binary)"
    with raw.cursor().copy(statement) as copy:
        buffer = bytearray(_HEADER)
        for piece in _pieces(segment, base, rows):
            buffer += piece
            if len(buffer) >= _BUFFER:
                copy.write(buffer)
                buffer = bytearray()
        copy.write(buffer + _TRAILER)


def _pieces(segment: int, base: int, rows: Mapping[tuple[str, int], Row]) -> Iterator[bytes]:
    for (lexeme, audience_id), row in sorted(rows.items(), key=lambda item: item[0]):
        encoded = lexeme.encode()
        yield _BEFORE_LEXEME.pack(6, len(encoded))
        yield encoded
        yield _AFTER_LEXEME.pack(8, audience_id, 8, segment, 8, base, 4, row.n)
        yield _array_of(row.packed) if row.packed else _EMPTY_ARRAY


def _array_of(elements: array[int]) -> bytes:
    size = len(elements)
    head = _ARRAY.pack(20 + 8 * size, 1, 0, _INT4, size, 1)
    if size <= 16:
        fields = (number for element in elements for number in (4, element))
        return head + struct.pack(f">{2 * size}i", *fields)
    laid_out = np.full((size, 2), 4, dtype=">i4")
    laid_out[:, 1] = elements
    return head + laid_out.tobytes()
