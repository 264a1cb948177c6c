"""Vectors of a corpus, which may be more than memory should hold: they are read some at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float16] | NDArray[np.float32]
"""`(n, dim)`, as they are stored, or as they were encoded."""

_ROWS_AT_ONCE = 1_024


class VectorRows(Protocol):
    """`(n, dim)` of which any rows can be had: an array, or what is read from where it lies."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, and numbers of each."""

    def __len__(self) -> int:
        """Rows."""

    def __getitem__(self, rows: slice | NDArray[np.int64], /) -> Vectors:
        """These rows, in this order."""


@dataclass(frozen=True, slots=True, eq=False)
class ChosenRows:
    """Some of the rows of others, which are read when they are asked for."""

    vectors: VectorRows
    rows: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, and numbers of each."""
        return len(self.rows), *self.vectors.shape[1:]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: slice | NDArray[np.int64], /) -> Vectors:
        return self.vectors[self.rows[rows]]


def in_parts(vectors: VectorRows, rows: int = _ROWS_AT_ONCE) -> Iterator[tuple[slice, Vectors]]:
    """All of them in order, so many at once, each part with its place."""
    for start in range(0, len(vectors), rows):
        part = slice(start, start + rows)
        yield part, vectors[part]
