from __future__ import annotations

import numpy as np
import pytest

from retrain.tournament import choose_winner

FIRST = np.random.default_rng(0).uniform(size=40)


def test_the_first_wins_unless_another_is_better_by_more_than_the_noise() -> None:
    lucky = FIRST.copy()
    lucky[0] += 0.3
    lucky[1] -= 0.2
    assert choose_winner([FIRST, lucky]) == 0
    assert choose_winner([FIRST, FIRST + 0.01, FIRST + 0.05, FIRST - 0.1]) == 2


def test_one_candidate_or_no_dev_questions_leave_the_first() -> None:
    assert choose_winner([FIRST]) == 0
    assert choose_winner([np.empty(0), np.empty(0)]) == 0


def test_candidates_must_be_comparable() -> None:
    with pytest.raises(ValueError, match="same questions"):
        choose_winner([FIRST, FIRST[1:]])
    with pytest.raises(ValueError, match="must be candidates"):
        choose_winner([])
