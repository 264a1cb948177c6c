"""Rows of `posting` by binary COPY, laid out here: an adapter would handle each element by itself."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from db.store import RawConnection

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_ROWS = 4096
"""Rows laid out at once: bounds memory."""

_INT4 = 23
"""PostgreSQL's number of the type of the elements."""

# each field stands behind its size in bytes; of an array that is empty only the first four numbers are there
_BEFORE_LEXEME = np.dtype([("fields", ">i2"), ("lexeme_size", ">i4")])
_AFTER_LEXEME = np.dtype(
    [
        ("audience_size", ">i4"),
        ("audience", ">i8"),
        ("segment_size", ">i4"),
        ("segment", ">i8"),
        ("base_size", ">i4"),
        ("base", ">i8"),
        ("n_size", ">i4"),
        ("n", ">i4"),
    ]
)
_ARRAY = np.dtype([(name, ">i4") for name in ("size", "dimensions", "nulls", "type", "length", "first")])
_EMPTY_ARRAY = 16
_SIZE = struct.Struct(">i")

Bytes = NDArray[np.uint8]


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
    """Adds a segment's rows of an audience; `base` is what the elements' chunk ids are told from."""
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
            copy.write(_lay_out(some, segment, base, audience_id).tobytes())
        copy.write(_TRAILER)


def read_rows(
    raw: RawConnection, audience_id: int, lexemes: Sequence[str], bases: Sequence[int]
) -> dict[tuple[int, int], Rows]:
    """An audience's rows of these lexemes with these bases: by segment and base."""
    query = (
        "COPY (SELECT lexeme, segment, base, n, packed FROM posting"
        " WHERE audience_id = %s AND lexeme = ANY(%s) AND base = ANY(%s)) TO STDOUT (FORMAT binary)"
    )
    with raw.cursor().copy(query, (audience_id, list(lexemes), list(bases))) as copy:
        data = b"".join(copy)
    found: dict[tuple[int, int], list[tuple[str, NDArray[np.int32], int]]] = defaultdict(list)
    at = len(_HEADER)
    while data[at : at + 2] != _TRAILER:
        fields = []
        at += 2
        for _ in range(5):
            (size,) = _SIZE.unpack_from(data, at)
            fields.append(data[at + 4 : at + 4 + size])
            at += 4 + size
        segment, base, n = (int.from_bytes(field, signed=True) for field in fields[1:4])
        elements = np.frombuffer(fields[4], dtype=">i4")[6::2].astype(np.int32)  # a head of five, each behind its size
        found[segment, base].append((fields[0].decode(), elements, len(elements) - n))
    return {key: _rows(own) for key, own in found.items()}


def _rows(found: Sequence[tuple[str, NDArray[np.int32], int]]) -> Rows:
    lexemes, elements, removed = zip(*found, strict=True)
    return Rows(lexemes, np.array([len(own) for own in elements]), np.concatenate(elements), np.array(removed))


def _lay_out(rows: Rows, segment: int, base: int, audience_id: int) -> Bytes:
    encoded = [lexeme.encode() for lexeme in rows.lexemes]
    lengths = np.array([len(lexeme) for lexeme in encoded])
    before = _records(_BEFORE_LEXEME, fields=np.full(len(encoded), 6), lexeme_size=lengths)
    after = _records(
        _AFTER_LEXEME,
        **dict.fromkeys(("audience_size", "segment_size", "base_size"), 8),
        audience=audience_id,
        segment=segment,
        base=base,
        n_size=4,
        n=rows.sizes - rows.removed,
    )
    head_size = np.where(rows.sizes, _ARRAY.itemsize, _EMPTY_ARRAY)
    heads = _records(
        _ARRAY,
        size=head_size - 4 + 8 * rows.sizes,
        dimensions=rows.sizes > 0,
        nulls=0,
        type=_INT4,
        length=rows.sizes,
        first=1,
    )
    elements = np.full((len(rows.elements), 2), 4, dtype=">i4")
    elements[:, 1] = rows.elements
    return _interleave(
        (_bytes(before), np.full(len(encoded), _BEFORE_LEXEME.itemsize)),
        (np.frombuffer(b"".join(encoded), np.uint8), lengths),
        (_bytes(after), np.full(len(encoded), _AFTER_LEXEME.itemsize)),
        (_bytes(heads)[(np.arange(_ARRAY.itemsize) < head_size[:, None]).ravel()], head_size),
        (_bytes(elements), 8 * rows.sizes),
    )


def _records(dtype: np.dtype[np.void], **columns: int | NDArray[Any]) -> NDArray[np.void]:
    """One for each row; what is one number is the same in all."""
    length = max(len(column) for column in columns.values() if isinstance(column, np.ndarray))
    records = np.empty(length, dtype)
    for name, column in columns.items():
        records[name] = column
    return records


def _bytes(array: NDArray[Any]) -> Bytes:
    return np.frombuffer(array.tobytes(), np.uint8)


def _interleave(*fields: tuple[Bytes, NDArray[np.int64]]) -> Bytes:
    """Row by row what the fields hold column by column: of each its bytes, and how many of them are each row's."""
    widths = np.stack([width for _, width in fields], axis=1)
    starts = (np.cumsum(widths.ravel()) - widths.ravel()).reshape(widths.shape)
    laid_out = np.empty(int(widths.sum()), np.uint8)
    for (data, width), start in zip(fields, starts.T, strict=True):
        laid_out[np.repeat(start - (np.cumsum(width) - width), width) + np.arange(len(data))] = data
    return laid_out
