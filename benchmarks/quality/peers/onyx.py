"""Onyx's fusion: either side's scores from its lowest to its highest, and half of each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.peers.places import combine_sides
from benchmarks.quality.task import Scores, Task

CANDIDATES = 500
"""Passages that each side puts up; what isn't among them has nothing of that side."""
LEAST = 0.001
"""What the last of them has: OpenSearch tells it so from what wasn't found."""
MEANING, WORDS = 0.5, 0.5


def rank(task: Task) -> Scores:
    """Half of the scaled cosine and half of the scaled words' score, `(j, m)`; no vote is learnt from.

    `CONTENT_VECTOR_TITLE_CONTENT_COMBINED_KEYWORD` of `_get_hybrid_search_normalization_weights` and
    `DEFAULT_NUM_HYBRID_SUBQUERY_CANDIDATES` of github.com/onyx-dot-app/onyx,
    backend/onyx/document_index/opensearch/search.py and constants.py; `min_max` and `arithmetic_mean` are those of
    OpenSearch's normalization processor.
    """
    return combine_sides(task, lambda cosines, words: MEANING * _scale(cosines) + WORDS * _scale(words))


def _scale(scores: Scores) -> NDArray[np.float32]:
    kept = min(CANDIDATES, scores.shape[1])
    lowest = np.partition(scores, -kept, axis=1)[:, -kept][:, None]
    found = (scores >= lowest) & (scores > 0)
    floor = np.where(found, scores, np.inf).min(axis=1, keepdims=True)
    spread = scores.max(axis=1, keepdims=True) - floor
    with np.errstate(invalid="ignore"):
        scaled = np.where(spread > 0, (scores - floor) / np.where(spread > 0, spread, 1), 1.0)
    return np.where(found, np.maximum(scaled, LEAST), 0).astype(np.float32)
