"""Reciprocal rank fusion: places instead of scores, as most hybrid searches come."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.peers import untrained
from benchmarks.quality.task import Scores, Task

K = 60
"""As in Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning Methods",
SIGIR 2009, and as OpenSearch, Elasticsearch and LangChain ship it."""


def rank(task: Task) -> Scores:
    """The sum of 1 / (K + place) by cosine and by words, `(h + r, m)`; no vote is learnt from."""
    cosines = untrained.rank(task)
    words = task.words.scores_of(task.judging.tolist(), len(task.passages))
    scores = np.zeros_like(cosines)
    for of_set in (task.of_regression, ~task.of_regression):  # either is ranked as if there were no other
        scores[:, of_set] = _by_place(cosines[:, of_set]) + _by_place(words[:, of_set])
    return scores


def _by_place(scores: Scores) -> NDArray[np.float32]:
    """1 / (K + place), the best place being 1; 0 for what has a score of 0 or less, for that side hasn't found it."""
    places = np.empty(scores.shape, dtype=np.float32)
    order = np.argsort(-scores, axis=1, kind="stable")
    np.put_along_axis(places, order, np.arange(1, scores.shape[1] + 1, dtype=np.float32)[None, :], axis=1)
    shares: NDArray[np.float32] = np.where(scores > 0, 1 / (K + places), 0).astype(np.float32)
    return shares
