"""Questions against chunks, a block of questions at a time: memory doesn't grow with the number of questions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BLOCK_FLOATS = 4_000_000
"""Scores in memory at once: 16 MB, and a few times that while they are sorted."""


def rows_in_block(columns: int) -> int:
    """Questions that are scored at once against so many chunks; one at least."""
    return max(1, BLOCK_FLOATS // max(1, columns))


def score_in_blocks(
    questions: NDArray[np.float32], chunks: NDArray[np.float32], rows: int | None = None
) -> Iterator[NDArray[np.float32]]:
    """Yields the scores of some questions after the other, `(≤ rows, m)`, for `questions` (n, dim), `chunks` (m, dim).

    `rows` is `rows_in_block` if it isn't given.
    """
    rows = rows or rows_in_block(len(chunks))
    for start in range(0, len(questions), rows):
        yield questions[start : start + rows] @ chunks.T
