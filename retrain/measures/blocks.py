"""Questions against chunks, a block at a time: memory doesn't grow with the number of questions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from db.models import VectorRows, Vectors, in_parts

BLOCK_FLOATS = 4_000_000
"""Scores in memory at once: 16 MB, and a few times that while they are sorted."""

_FEWEST_ROWS = 16
"""Questions at once, however many chunks there are: for each block all vectors are read and widened."""

_SIGN_AND_NUMBER = np.int32(0x8FFFE000 - 2**32)
_BETWEEN_EXPONENTS = np.float32(2.0 ** (127 - 15))


def rows_in_block(columns: int) -> int:
    """Questions that are scored at once against so many chunks."""
    return max(_FEWEST_ROWS, BLOCK_FLOATS // max(1, columns))


def score_in_blocks(
    questions: NDArray[np.float32], chunks: VectorRows, rows: int | None = None
) -> Iterator[NDArray[np.float32]]:
    """Yields the scores of some questions after the other, `(≤ rows, m)`, for `questions` (n, dim), `chunks` (m, dim).

    `rows` is `rows_in_block` if it isn't given.
    """
    rows = rows or rows_in_block(len(chunks))
    for start in range(0, len(questions), rows):
        yield score_chunks(questions[start : start + rows], chunks)


def score_chunks(questions: NDArray[np.float32], chunks: VectorRows) -> NDArray[np.float32]:
    """The cosines `(n, m)` of `questions` (n, dim) and `chunks` (m, dim), as they are stored or as they were encoded.

    What is stored is read and widened a part at a time: numpy would have all of it in float32 at once.
    """
    scores = np.empty((len(questions), len(chunks)), np.float32)
    for place, part in in_parts(chunks):
        scores[:, place] = questions @ widen(part).T
    return scores


def widen(vectors: Vectors) -> NDArray[np.float32]:
    """The same finite numbers in float32; of float16 in less than half of the time that numpy's `astype` takes.

    Sign, exponent and fraction are moved to where float32 has them, and the exponent, which there is told from 127
    rather than 15, is set right by a product.
    """
    if vectors.dtype != np.float16:
        return vectors.astype(np.float32, copy=False)
    bits = np.ascontiguousarray(vectors).view(np.int16).astype(np.int32)  # the sign in all bits that are added
    bits <<= 13
    bits &= _SIGN_AND_NUMBER
    wide = bits.view(np.float32)
    wide *= _BETWEEN_EXPONENTS
    return wide
