"""Paired tests per question, near-duplicates being one: is it luck? how many questions would it take to know?"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

USUAL_DEVIATION = 0.29
"""Standard deviation of a question's change in ndcg@10, where there are too few questions to measure it."""

MIN_FOR_DEVIATION = 10
"""Questions from which on it is measured."""


def mean_by_cluster(values: NDArray[np.float64], clusters: NDArray[np.int64]) -> NDArray[np.float64]:
    """`(n_clusters,)` the mean of each cluster's values, in the order of the clusters' numbers."""
    _, place, counts = np.unique(clusters, return_inverse=True, return_counts=True)
    return np.bincount(place, weights=values, minlength=len(counts)) / counts


def p_better(gains: NDArray[np.float64], randomisations: int, seed: int) -> float:
    """One-sided p of a paired randomisation test: how often random signs give at least the mean that was seen.

    Monte Carlo with the observed arrangement counted in, so never 0; 1 where there are no gains. Deterministic.
    """
    moved = gains[gains != 0]
    if not len(moved):
        return 1.0
    draw = np.random.default_rng(seed)
    observed = moved.sum()
    tolerance = 1e-12 * np.abs(moved).sum()  # sums of the same numbers in another order still count as equal
    as_good = 0
    for start in range(0, randomisations, 1000):
        signs = draw.integers(0, 2, size=(min(1000, randomisations - start), len(moved)), dtype=np.int8) * 2 - 1
        as_good += int(np.count_nonzero(signs @ moved >= observed - tolerance))
    return (as_good + 1) / (randomisations + 1)


def weighted_holm(p_values: Mapping[str, float], weights: Mapping[str, float], *, alpha: float) -> set[str]:
    """The comparisons that hold, by Holm's step-down method with weights (Holm 1979), family-wise error `alpha`."""
    held: set[str] = set()
    open_names = sorted(p_values, key=lambda name: (p_values[name] / weights[name], name))
    while open_names:
        name = open_names[0]
        if p_values[name] > alpha * weights[name] / sum(weights[other] for other in open_names):
            break
        held.add(open_names.pop(0))
    return held


def compare_means(incumbent: NDArray[np.float64], candidate: NDArray[np.float64]) -> dict[str, float]:
    """What a report says of n > 0 paired questions: `n`, means `before` and `after`, `gain`, its standard `error`."""
    gains = candidate - incumbent
    return {
        "n": len(gains),
        "before": float(incumbent.mean()),
        "after": float(candidate.mean()),
        "gain": float(gains.mean()),
        "error": _deviation(gains) / sqrt(len(gains)),
    }


def interval_95(gain: float, error: float, n: int) -> tuple[float, float]:
    """The 95% interval of a mean gain of n questions, from its standard error.

    Student's quantile by its Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5), good to .01 from n = 10 on;
    below that `error` is no estimate of these questions, and the normal quantile is taken.
    """
    z, freedom = NormalDist().inv_cdf(0.975), n - 1
    if n >= MIN_FOR_DEVIATION:
        z += (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return gain - z * error, gain + z * error


def questions_needed(gains: NDArray[np.float64], gain: float, *, power: float = 0.8) -> int:
    """Questions after which a true mean gain shows at p < .05 (one-sided) with `power` 80%: ((z95 + z80) sd / gain)².

    Raises:
        ValueError: `gain` isn't above 0, or the power isn't one that is known here.
    """
    if gain <= 0 or power not in (0.8, 0.9):
        raise ValueError("the gain must be above 0, and the power .8 or .9")
    z = 1.645 + {0.8: 0.842, 0.9: 1.282}[power]
    return ceil((z * (_deviation(gains) or USUAL_DEVIATION) / gain) ** 2)


def gain_that_shows(n: int) -> float:
    """The true mean gain in ndcg@10 that n > 0 questions show with power 80%: `questions_needed` the other way."""
    return (1.645 + 0.842) * USUAL_DEVIATION / sqrt(n)


def _deviation(gains: NDArray[np.float64]) -> float:
    return float(gains.std(ddof=1)) if len(gains) >= MIN_FOR_DEVIATION else USUAL_DEVIATION
