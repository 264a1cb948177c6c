"""Rows of `posting` by binary COPY, laid out here: an adapter would handle each element by itself."""

from __future__ import annotations

import struct
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from db.store import RawConnection

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_BUFFER = 1 << 20
_INT4 = 23
"""PostgreSQL's number of the type of the elements."""

# each field behind its size in bytes: how many fields and the lexeme's size; then audience, segment, base and n, and
# the array's head: its size in bytes, dimensions, NULLs, type, length, first index; each element behind its size again
_BEFORE_LEXEME = struct.Struct(">hi")
_AFTER_LEXEME = struct.Struct(">iqiqiqii")
_ARRAY = struct.Struct(">iiiiii")
_EMPTY_ARRAY = struct.pack(">iiii", 12, 0, 0, _INT4)
_SIZE = struct.Struct(">i")
_FEW = 16
"""Elements up to which it is faster without numpy."""


@dataclass(slots=True)
class Row:
    """What is known of a lexeme in an audience and a segment: chunks added less removed, and packed elements."""

    n: int
    packed: array[int]


Rows = dict[tuple[str, int], Row]
"""Rows of a segment, by lexeme and audience."""


def copy_rows(raw: RawConnection, segment: int, base: int, rows: Rows) -> None:
    """Adds a segment's rows."""
    if not rows:
        return
    statement = "COPY posting (lexeme, audience_id, segment, base, n, packed) FROM STDIN (FORMAT binary)"
    with raw.cursor().copy(statement) as copy:
        buffer = bytearray(_HEADER)
        for piece in _pieces(segment, base, rows):
            buffer += piece
            if len(buffer) >= _BUFFER:
                copy.write(buffer)
                buffer = bytearray()
        copy.write(buffer + _TRAILER)


def read_rows(
    raw: RawConnection, audience_id: int, lexemes: Sequence[str], bases: Sequence[int]
) -> dict[tuple[int, int], Rows]:
    """An audience's rows of these lexemes with these bases, by segment and base."""
    query = (
        "COPY (SELECT lexeme, segment, base, n, packed FROM posting"
        " WHERE audience_id = %s AND lexeme = ANY(%s) AND base = ANY(%s)) TO STDOUT (FORMAT binary)"
    )
    with raw.cursor().copy(query, (audience_id, list(lexemes), list(bases))) as copy:
        data = b"".join(copy)
    found: dict[tuple[int, int], Rows] = defaultdict(dict)
    at = len(_HEADER)
    while data[at : at + 2] != _TRAILER:
        fields = []
        at += 2
        for _ in range(5):
            (size,) = _SIZE.unpack_from(data, at)
            fields.append(data[at + 4 : at + 4 + size])
            at += 4 + size
        lexeme, segment, base, n, packed = fields
        key = int.from_bytes(segment), int.from_bytes(base)
        found[key][lexeme.decode(), audience_id] = Row(int.from_bytes(n, signed=True), _elements_of(packed))
    return found


def _pieces(segment: int, base: int, rows: Rows) -> Iterator[bytes]:
    for (lexeme, audience_id), row in sorted(rows.items(), key=lambda item: item[0]):
        encoded = lexeme.encode()
        yield _BEFORE_LEXEME.pack(6, len(encoded))
        yield encoded
        yield _AFTER_LEXEME.pack(8, audience_id, 8, segment, 8, base, 4, row.n)
        yield _array_of(row.packed) if row.packed else _EMPTY_ARRAY


def _array_of(elements: array[int]) -> bytes:
    size = len(elements)
    head = _ARRAY.pack(20 + 8 * size, 1, 0, _INT4, size, 1)
    if size <= _FEW:
        return head + struct.pack(f">{2 * size}i", *(number for element in elements for number in (4, element)))
    laid_out = np.full((size, 2), 4, dtype=">i4")
    laid_out[:, 1] = elements
    return head + laid_out.tobytes()


def _elements_of(field: bytes) -> array[int]:
    if len(field) == len(_EMPTY_ARRAY) - 4:
        return array("i")
    return array("i", np.frombuffer(field, dtype=">i4", offset=20)[1::2].astype(np.int32).tobytes())
