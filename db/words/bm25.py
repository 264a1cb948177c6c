"""How much a word in a passage counts: BM25, its part that is known when the passage is stored; pure.

Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond* (2009), with the factor k1 + 1. A
word's other factor, its idf, is worked out for each question, from what its readers may see.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

K1 = 1.2
B = 0.75

SCALE = 14_000
"""An impact is stored as a whole number, SCALE times itself: the greatest, SCALE · (K1 + 1), fits in 15 bits."""


def impact(times: Numbers, lengths: Numbers, average_length: float) -> NDArray[np.float64]:
    """What words count in passages that have them so many times: from 0 to K1 + 1 each.

    Args:
        times: `(n,)`, how often the passage has the word, at least once.
        lengths: `(n,)`, of the passage, in words.
        average_length: of all passages; above 0.
    """
    return np.asarray(times * (K1 + 1) / (times + K1 * (1 - B + B * lengths / average_length)))


def stored_impact(times: Numbers, lengths: Numbers, average_length: float) -> NDArray[np.int64]:
    """Impacts as they are stored; at least 1, so that a passage that has a word is always found by it."""
    return np.maximum(1, np.rint(SCALE * impact(times, lengths, average_length)).astype(np.int64))


def idf(passages: int, holding: int) -> float:
    """How much a word tells that `holding` of so many passages have: above 0, the more the fewer they are."""
    return math.log(1 + (passages - holding + 0.5) / (holding + 0.5))
