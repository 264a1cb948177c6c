"""Places instead of scores: what reciprocal rank fusion adds up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.peers import untrained
from benchmarks.quality.task import Scores, Task


def reciprocal_places(scores: Scores, k: int) -> NDArray[np.float32]:
    """1 / (k + place), the best place being 1; 0 for what has a score of 0 or less, for that side hasn't found it."""
    places = np.empty(scores.shape, dtype=np.float32)
    order = np.argsort(-scores, axis=1, kind="stable")
    np.put_along_axis(places, order, np.arange(1, scores.shape[1] + 1, dtype=np.float32)[None, :], axis=1)
    shares: NDArray[np.float32] = np.where(scores > 0, 1 / (k + places), 0).astype(np.float32)
    return shares


def combine_sides(task: Task, combine: Callable[[Scores, Scores], Scores]) -> Scores:
    """What `combine` makes of the base model's cosines and the words' scores, `(j, m)`; no vote is learnt from.

    The regression set and all other passages are combined as if there were nothing else.
    """
    cosines, words = untrained.rank(task), task.score_by_words(task.judging)
    scores = np.zeros_like(cosines)
    for of_set in (task.of_regression, ~task.of_regression):
        if of_set.any():
            scores[:, of_set] = combine(cosines[:, of_set], words[:, of_set])
    return scores
