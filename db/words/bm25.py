"""How much a word in a passage counts: BM25, its part that is known when the passage is stored; pure.

Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond* (2009), with the factor k1 + 1. A
word's other factor, its idf, is worked out for each question, from what its readers may see.
"""

from __future__ import annotations

import math

K1 = 1.2
B = 0.75

SCALE = 14_000
"""An impact is stored as a whole number, SCALE times itself: the greatest, SCALE · (K1 + 1), fits in 15 bits."""


def impact(times: int, length: float, average_length: float) -> float:
    """What a word counts in a passage that has it so many times: from 0 to K1 + 1.

    Args:
        times: how often the passage has the word, at least once.
        length: of the passage, in words.
        average_length: of all passages; above 0.
    """
    return times * (K1 + 1) / (times + K1 * (1 - B + B * length / average_length))


def stored_impact(times: int, length: float, average_length: float) -> int:
    """An impact as it is stored; at least 1, so that a passage that has a word is always found by it."""
    return max(1, round(SCALE * impact(times, length, average_length)))


def idf(passages: int, holding: int) -> float:
    """How much a word tells that `holding` of so many passages have: above 0, the more the fewer they are."""
    return math.log(1 + (passages - holding + 0.5) / (holding + 0.5))
