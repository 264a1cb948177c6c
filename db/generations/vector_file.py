"""Vectors in a file without a name, as long as somebody has them: a corpus's needn't fit in memory."""

from __future__ import annotations

import os
import tempfile
import weakref
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class VectorFile:
    """`(n, dim)` float16, written once and read some rows at a time; of a process that dies the system frees the file.

    What was read a moment ago the system still has in memory that is free for anybody else.

    Args:
        dimension: numbers of each.
        folder: on whose disk they lie; None: where the system has such files.
    """

    def __init__(self, dimension: int, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - open as long as this is there
        self._dimension, self._rows = dimension, 0
        weakref.finalize(self, self._file.close)

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, and numbers of each."""
        return self._rows, self._dimension

    def __len__(self) -> int:
        return self._rows

    def append(self, vectors: NDArray[np.float16]) -> None:
        """Adds `(n, dim)` at the end.

        Raises:
            OSError: the disk is full.
        """
        left = memoryview(vectors.tobytes())
        while left:
            left = left[self._file.write(left) :]
        self._rows += len(vectors)

    def __getitem__(self, rows: slice | NDArray[np.int64], /) -> NDArray[np.float16]:
        """A copy of these rows; an array's are ≥ 0, and those that follow one another are read at once."""
        if isinstance(rows, slice):
            start, stop, step = rows.indices(self._rows)
            if step == 1:
                return self._read(start, stop)
            rows = np.arange(start, stop, step)
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        runs = (self._read(run[0], run[-1] + 1) for run in np.split(rows, breaks) if len(run))
        return np.concatenate([np.empty((0, self._dimension), np.float16), *runs])

    def _read(self, start: int, stop: int) -> NDArray[np.float16]:
        rows, size = max(0, stop - start), 2 * self._dimension
        read = os.pread(self._file.fileno(), rows * size, start * size)  # up to 2 GB
        if len(read) < rows * size:
            raise ValueError(f"of the rows from {start} to {stop} only {len(read) // size} can be read at once")
        return np.frombuffer(read, np.float16).reshape(rows, self._dimension)
