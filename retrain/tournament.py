"""A few candidates a night, the winner chosen on dev: the first unless another is better by more than the noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def choose_winner(scores: Sequence[NDArray[np.float64]], *, min_standard_errors: float = 1.0) -> int:
    """Index of the candidate to put before the gate.

    Dev holds a few dozen questions, on which the best of four is mostly the luckiest. So the first candidate, the
    recipe known to do well, wins unless another's paired mean gain over it exceeds its standard error
    `min_standard_errors` times; among those the greatest mean wins.

    Args:
        scores: for each candidate `(n_dev,)` of one measure, the same questions in the same order.
        min_standard_errors: how sure to be.

    Raises:
        ValueError: there are no candidates, or they were measured on different questions.
    """
    if not scores or len({len(score) for score in scores}) != 1:
        raise ValueError("there must be candidates, all measured on the same questions")
    winner, best = 0, 0.0
    for index, score in enumerate(scores[1:], start=1):
        gains = score - scores[0]
        if len(gains) < 2:
            continue
        error = float(gains.std(ddof=1)) / np.sqrt(len(gains))
        if gains.mean() > max(best, min_standard_errors * error):
            winner, best = index, float(gains.mean())
    return winner
