"""Paired tests per question: is it luck? how many questions would it take to know?"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import numpy as np
from numpy.typing import NDArray

USUAL_DEVIATION = 0.29
"""Standard deviation of a question's change in ndcg@10, where there are too few questions to measure it."""


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


def questions_needed(gains: NDArray[np.float64], gain: float, *, power: float = 0.8) -> int:
    """Questions after which a true mean gain shows at p < .05 (one-sided) with `power` 80%: ((z95 + z80) sd / gain)².

    Raises:
        ValueError: `gain` isn't above 0, or the power isn't one that is known here.
    """
    if gain <= 0 or power not in (0.8, 0.9):
        raise ValueError("the gain must be above 0, and the power .8 or .9")
    deviation = float(gains.std(ddof=1)) if len(gains) >= 10 else USUAL_DEVIATION
    z = 1.645 + {0.8: 0.842, 0.9: 1.282}[power]
    return ceil((z * (deviation or USUAL_DEVIATION) / gain) ** 2)
