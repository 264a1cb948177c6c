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

_Z_SHOWN = NormalDist().inv_cdf(0.95) + NormalDist().inv_cdf(0.8)
_Z_95_BOTH = NormalDist().inv_cdf(0.975)
_SIGNS_AT_ONCE = 1_000_000  # each takes some 25 bytes while it is drawn


def mean_by_cluster(values: NDArray[np.float64], clusters: NDArray[np.int64]) -> NDArray[np.float64]:
    """`(n_clusters,)` the mean of each cluster's values, in the order of the clusters' numbers."""
    _, place, counts = np.unique(clusters, return_inverse=True, return_counts=True)
    return np.bincount(place, weights=values, minlength=len(counts)) / counts


def p_better(gains: NDArray[np.float64], randomisations: int, seed: int) -> float:
    """One-sided p of a paired randomisation test: how often random signs give at least the mean that was seen.

    Monte Carlo with the observed arrangement counted in, so never 0; 1 where there are no gains. Deterministic.
    """
    from scipy.stats import monte_carlo_test  # permutation_test shuffles indices for the same, in ten times the time

    moved = gains[gains != 0]
    if not len(moved):
        return 1.0
    draw = np.random.default_rng(seed)
    test = monte_carlo_test(
        moved,
        lambda size: moved * draw.choice((-1.0, 1.0), size),
        _rounded_mean,
        vectorized=True,
        n_resamples=randomisations,
        batch=max(1, _SIGNS_AT_ONCE // len(moved)),
        alternative="greater",
    )
    return float(test.pvalue)


def _rounded_mean(gains: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Means of the same numbers in another order still count as equal."""
    means: NDArray[np.float64] = gains.mean(axis=axis)
    return means.round(12)


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

    Student's; below `MIN_FOR_DEVIATION` questions `error` is no estimate of these questions, and it is the normal one.
    """
    from scipy.special import stdtrit

    quantile = stdtrit(n - 1, 0.975) if n >= MIN_FOR_DEVIATION else _Z_95_BOTH
    return float(gain - quantile * error), float(gain + quantile * error)


def questions_needed(gains: NDArray[np.float64], gain: float) -> int:
    """Questions after which a true mean gain shows at p < .05 (one-sided) with power 80%: ((z95 + z80) sd / gain)².

    Raises:
        ValueError: `gain` isn't above 0.
    """
    if gain <= 0:
        raise ValueError("the gain must be above 0")
    return ceil((_Z_SHOWN * (_deviation(gains) or USUAL_DEVIATION) / gain) ** 2)


def gain_that_shows(n: int) -> float:
    """The true mean gain in ndcg@10 that n > 0 questions show with power 80%: `questions_needed` the other way."""
    return _Z_SHOWN * USUAL_DEVIATION / sqrt(n)


def _deviation(gains: NDArray[np.float64]) -> float:
    return float(gains.std(ddof=1)) if len(gains) >= MIN_FOR_DEVIATION else USUAL_DEVIATION
