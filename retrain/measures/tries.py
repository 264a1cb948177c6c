"""Is it luck, seeing how often luck was tried? Tries judged by the same questions are one sequential test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FLOATS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Tried:
    """One try at showing something better.

    `gains` is what each question adds to its statistic, by the question's name, which stays the same from try to try;
    the statistic is their sum. `alpha` is the chance at which luck was let to show it better when no earlier try was.
    """

    gains: Mapping[str, float]
    alpha: float


def p_of_first_luck(gains: Mapping[str, float], earlier: Sequence[Tried], draws: int, seed: int) -> float:
    """One-sided p: how often random signs bring about at least this sum, and none of the `earlier` tries had held.

    If each try holds at p ≤ its alpha, then with nothing to be found the chance that any ever holds is at most the sum
    of the alphas: each arrangement of signs counts for the first try that it lets through. A question has one sign in
    all tries, so whoever tries nearly the same again runs little new risk, and pays little for it: resampling-based
    multiple testing (Westfall and Young 1993) spent over time (Lan and DeMets, Biometrika 1983). It takes that under
    the null hypothesis a question's gains in all tries are as likely with their signs turned.

    Monte Carlo of so many `draws`, with the observed arrangement counted in, so never under 1 / (draws + 1); 1 where
    nothing moved. Deterministic.
    """
    moved = {name: gain for name, gain in gains.items() if gain}
    if not moved:
        return 1.0
    earlier = [own for own in earlier if own.alpha]  # others let nothing through
    tries = [*(own.gains for own in earlier), moved]
    names = sorted({name for own in tries for name in own})
    table = np.array([[own.get(name, 0.0) for name in names] for own in tries])
    table /= np.maximum(np.abs(table).max(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    sums = _random_sums(table, draws, seed)
    unlucky = np.ones(draws, dtype=bool)
    for own, of_try in zip(earlier, sums, strict=False):
        unlucky &= ~_lucky(of_try, unlucky, own.alpha)
    as_high = sums[-1] >= table[-1].sum().round(_PLACES)
    return float((as_high & unlucky).sum() + 1) / (draws + 1)


_PLACES = 9  # sums of the same numbers in another order still count as equal


def _random_sums(table: NDArray[np.float64], draws: int, seed: int) -> NDArray[np.float64]:
    """`(tries, draws)` the sums of each try's gains, `table` being `(tries, questions)`, under random signs."""
    draw = np.random.default_rng(seed)
    sums = np.empty((len(table), draws))
    rows = max(1, _FLOATS_AT_ONCE // table.shape[1])
    for start in range(0, draws, rows):
        own = slice(start, min(start + rows, draws))
        signs = draw.integers(0, 2, (own.stop - own.start, table.shape[1]), dtype=np.int8) * 2.0 - 1
        sums[:, own] = (signs @ table.T).T
    return sums.round(_PLACES)


def _lucky(sums: NDArray[np.float64], unlucky: NDArray[np.bool_], alpha: float) -> NDArray[np.bool_]:
    """Those of the still unlucky arrangements that a try with this alpha lets through: its highest sums."""
    allowed = int(alpha * len(sums))
    own = sums[unlucky]
    if allowed >= len(own):
        return unlucky
    highest_refused = np.partition(own, len(own) - 1 - allowed)[len(own) - 1 - allowed]
    lucky: NDArray[np.bool_] = unlucky & (sums > highest_refused)
    return lucky
