"""Paired tests per question, near-duplicates being one: is it luck? how many questions would it take to know?"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

USUAL_DEVIATION = 0.22
"""Standard deviation of a question's change in ndcg@10, where there are too few questions to measure it."""

MIN_FOR_DEVIATION = 10
"""Questions from which on it is measured."""

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


def holm(p_values: Mapping[str, float], *, alpha: float) -> set[str]:
    """The comparisons that hold, by Holm's step-down method (Holm 1979), family-wise error `alpha`."""
    held: set[str] = set()
    for tried, name in enumerate(sorted(p_values, key=lambda name: (p_values[name], name))):
        if p_values[name] > alpha / (len(p_values) - tried):
            break
        held.add(name)
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


def p_in_words(p: float) -> str:
    """As it is printed: `p = 0.0123`, and never 0, for no randomisation can show that."""
    return f"p = {p:.4f}" if p >= 0.0001 else "p < 0.0001"


def questions_needed(gains: NDArray[np.float64], gain: float, alpha: float) -> int:
    """Questions after which a true mean gain shows at p ≤ alpha (one-sided) with power 80%: ((zα + z80) sd / gain)².

    Raises:
        ValueError: `gain` isn't above 0, or `alpha` not within 0 and 1.
    """
    if gain <= 0 or not 0 < alpha < 1:
        raise ValueError("the gain must be above 0, and alpha within 0 and 1")
    return ceil((_z_shown(alpha) * (_deviation(gains) or USUAL_DEVIATION) / gain) ** 2)


def gain_that_shows(n: int, alpha: float) -> float:
    """The true mean gain in ndcg@10 that n > 0 questions show with power 80%: `questions_needed` the other way."""
    return _z_shown(alpha) * USUAL_DEVIATION / sqrt(n)


def _z_shown(alpha: float) -> float:
    return NormalDist().inv_cdf(1 - alpha) + NormalDist().inv_cdf(0.8)


def _deviation(gains: NDArray[np.float64]) -> float:
    return float(gains.std(ddof=1)) if len(gains) >= MIN_FOR_DEVIATION else USUAL_DEVIATION
