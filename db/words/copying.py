"""Rows of `posting` by binary COPY, laid out here: an adapter would handle each element by itself."""

from __future__ import annotations

import struct
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from db.store import RawConnection

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_ROWS = 4096
"""Rows laid out at once: bounds memory."""

_INT4 = 23
"""PostgreSQL's number of the type of the elements."""

# each field behind its size in bytes: how many fields and the lexeme's size; then audience, segment, base and n, and
# the array's head: its size in bytes, dimensions, NULLs, type, length, first index; each element behind its size again
_BEFORE_LEXEME = struct.Struct(">hi")
_AFTER_LEXEME = struct.Struct(">iqiqiqii")
_ARRAY = struct.Struct(">iiiiii")
_EMPTY_ARRAY = struct.pack(">iiii", 12, 0, 0, _INT4)
_SIZE = struct.Struct(">i")


def copy_rows(
    raw: RawConnection,
    segment: int,
    base: int,
    audience_id: int,
    elements: Mapping[str, array[int]],
    removed: Mapping[str, int],
) -> None:
    """Adds a segment's rows of an audience, one for each lexeme in `elements`.

    Args:
        raw: the caller's transaction.
        segment: the segment's number.
        base: what the elements' chunk ids are told from.
        audience_id: who may see the chunks.
        elements: by lexeme, packed; may be none.
        removed: how many chunks less have a lexeme than there are elements; 0 where it isn't in it.
    """
    statement = "COPY posting (lexeme, audience_id, segment, base, n, packed) FROM STDIN (FORMAT binary)"
    before_n = (8, audience_id, 8, segment, 8, base, 4)
    lexemes = sorted(elements)
    with raw.cursor().copy(statement) as copy:
        copy.write(_HEADER)
        for start in range(0, len(lexemes), _ROWS):
            copy.write(_lay_out(lexemes[start : start + _ROWS], elements, removed, before_n))
        copy.write(_TRAILER)


def read_rows(
    raw: RawConnection, audience_id: int, lexemes: Sequence[str], bases: Sequence[int]
) -> dict[tuple[int, int], tuple[dict[str, array[int]], dict[str, int]]]:
    """An audience's rows of these lexemes with these bases: by segment and base, what `copy_rows` takes."""
    query = (
        "COPY (SELECT lexeme, segment, base, n, packed FROM posting"
        " WHERE audience_id = %s AND lexeme = ANY(%s) AND base = ANY(%s)) TO STDOUT (FORMAT binary)"
    )
    with raw.cursor().copy(query, (audience_id, list(lexemes), list(bases))) as copy:
        data = b"".join(copy)
    found: dict[tuple[int, int], tuple[dict[str, array[int]], dict[str, int]]] = defaultdict(lambda: ({}, {}))
    at = len(_HEADER)
    while data[at : at + 2] != _TRAILER:
        fields = []
        at += 2
        for _ in range(5):
            (size,) = _SIZE.unpack_from(data, at)
            fields.append(data[at + 4 : at + 4 + size])
            at += 4 + size
        lexeme = fields[0].decode()
        segment, base, n = (int.from_bytes(field, signed=True) for field in fields[1:4])
        elements, removed = found[segment, base]
        elements[lexeme] = _elements_of(fields[4])
        removed[lexeme] = len(elements[lexeme]) - n
    return found


def _lay_out(
    lexemes: Sequence[str], elements: Mapping[str, array[int]], removed: Mapping[str, int], before_n: tuple[int, ...]
) -> bytearray:
    laid_out = np.full((sum(len(elements[lexeme]) for lexeme in lexemes), 2), 4, dtype=">i4")
    laid_out[:, 1] = np.frombuffer(b"".join(elements[lexeme] for lexeme in lexemes), dtype=np.int32)
    data = laid_out.tobytes()
    rows = bytearray()
    start = 0
    for lexeme in lexemes:
        encoded = lexeme.encode()
        size = len(elements[lexeme])
        rows += _BEFORE_LEXEME.pack(6, len(encoded))
        rows += encoded
        rows += _AFTER_LEXEME.pack(*before_n, size - removed.get(lexeme, 0))
        rows += _ARRAY.pack(20 + 8 * size, 1, 0, _INT4, size, 1) if size else _EMPTY_ARRAY
        rows += data[start : start + 8 * size]
        start += 8 * size
    return rows


def _elements_of(field: bytes) -> array[int]:
    if len(field) == len(_EMPTY_ARRAY) - 4:
        return array("i")
    return array("i", np.frombuffer(field, dtype=">i4", offset=20)[1::2].astype(np.int32).tobytes())
