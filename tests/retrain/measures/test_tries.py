"""Tries by the same questions as one sequential test."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from retrain.measures.significance import p_better
from retrain.measures.tries import Tried, p_of_first_luck

DRAWS = 20_000


def named(gains: np.ndarray) -> dict[str, float]:
    return {f"pair {n}": float(gain) for n, gain in enumerate(gains)}


def p_of(gains: np.ndarray, *earlier: Tried, draws: int = DRAWS) -> float:
    return p_of_first_luck(named(gains), earlier, draws, seed=0)


def test_alone_it_is_the_paired_randomisation_test() -> None:
    gains = np.random.default_rng(1).normal(0.05, 0.2, 40)
    many = 10 * DRAWS
    assert p_of(gains, draws=many) == pytest.approx(p_better(gains, many, 0), abs=0.003)  # four standard errors
    assert p_of(np.zeros(5)) == 1.0
    assert p_of_first_luck({}, [], DRAWS, seed=0) == 1.0
    assert p_of(np.full(60, 0.1)) == 1 / (DRAWS + 1)


def test_beside_earlier_tries_it_is_that_of_all_arrangements_in_which_none_of_them_had_held() -> None:
    draw = np.random.default_rng(3)
    third = draw.normal(0.15, 0.3, 9)
    first, second = third + draw.normal(0, 0.15, (2, 9))
    alphas = 0.05, 0.03
    signs = np.array(list(itertools.product((1, -1), repeat=9)))
    held = np.zeros(len(signs), dtype=bool)
    for gains, alpha in zip((first, second), alphas, strict=True):
        sums = np.where(held, -np.inf, signs @ gains)
        held |= sums >= np.sort(sums)[::-1][int(alpha * len(signs)) - 1]
    exact = np.mean((signs @ third >= third.sum() - 1e-9) & ~held)
    earlier = [Tried(named(gains), alpha) for gains, alpha in zip((first, second), alphas, strict=True)]
    assert p_of(third, *earlier) == pytest.approx(exact, abs=0.006)
    assert p_of(third, *earlier) < p_of(third)


def test_nearly_the_same_again_runs_little_new_risk() -> None:
    draw = np.random.default_rng(5)
    gains = draw.normal(0.0, 0.2, 50)
    gains += 0.07 - gains.mean()
    before = Tried(named(gains - 0.01), 0.02)
    assert p_of(gains, before) < 0.3 * p_of(gains)
    of_other_questions = Tried({f"pair {n}": gain for n, gain in enumerate(gains, start=100)}, 0.02)
    assert p_of(gains, of_other_questions) == pytest.approx(0.98 * p_of(gains), abs=0.003)


def test_what_an_earlier_try_gained_does_not_matter_only_what_luck_could_have_made_of_it() -> None:
    gains, before = np.random.default_rng(6).normal(0.05, 0.2, (2, 40))
    assert p_of(gains, Tried(named(before), 0.02)) == p_of(gains, Tried(named(3 * before), 0.02))
    assert p_of(gains, Tried(named(before), 0.02)) == pytest.approx(
        p_of(gains, Tried(named(np.abs(before)), 0.02)), abs=0.01
    )


@pytest.mark.parametrize("likeness", [0.0, 0.7, 0.99])
def test_however_often_luck_tries_it_is_let_through_no_more_often_than_all_alphas_together(likeness: float) -> None:
    alphas, years = (0.05, 0.03, 0.02), 300
    lucky = 0
    for year in range(years):
        draw = np.random.default_rng(year)
        gains, earlier = draw.normal(size=30), []
        for alpha in alphas:
            gains = likeness * gains + np.sqrt(1 - likeness**2) * draw.normal(size=30)
            if p_of(gains, *earlier, draws=2000) <= alpha:
                lucky += 1
                break
            earlier.append(Tried(named(gains), alpha))
    assert lucky / years < sum(alphas) + 2.6 * np.sqrt(0.1 * 0.9 / years)
    assert lucky / years > 0.04


def test_tries_that_let_nothing_through_change_nothing() -> None:
    gains, before = np.random.default_rng(8).normal(0.05, 0.2, (2, 40))
    assert p_of(gains, *[Tried({f"question {n}": 1.0}, 0.0) for n in range(500)]) == p_of(gains)
    assert p_of(gains, Tried(named(before), 0.02), Tried({"a": 1.0}, 0.0)) == p_of(gains, Tried(named(before), 0.02))


def test_it_is_the_same_each_time() -> None:
    gains, before = np.random.default_rng(7).normal(0.05, 0.2, (2, 40))
    assert p_of(gains, Tried(named(before), 0.02)) == p_of(gains, Tried(named(before), 0.02))
