from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest

from retrain.measures.significance import (
    USUAL_DEVIATION,
    compare_means,
    gain_that_shows,
    holm,
    interval_95,
    p_better,
    p_in_words,
    questions_needed,
)


def test_p_is_that_of_all_arrangements_of_signs() -> None:
    gains = np.array([0.3, -0.1, 0.2, 0.25, 0.05, -0.02, 0.4, 0.1, 0.15])
    sums = [sum(s * g for s, g in zip(signs, gains, strict=True)) for signs in itertools.product((1, -1), repeat=9)]
    exact = np.mean([total >= gains.sum() - 1e-9 for total in sums])
    assert p_better(gains, 20_000, 0) == pytest.approx(exact, abs=0.004)
    assert p_better(gains[:1], 20_000, 0) == pytest.approx(0.5, abs=0.01)


def test_sums_of_the_same_numbers_in_another_order_are_equal() -> None:
    assert p_better(np.array([0.1, 0.2, -0.3]), 20_000, 0) == pytest.approx(5 / 8, abs=0.01)
    assert p_better(np.full(30, 0.1) * (-1) ** np.arange(30), 20_000, 0) == pytest.approx(0.572, abs=0.01)


def test_many_questions_take_no_more_memory_than_some() -> None:
    gains = np.random.default_rng(0).normal(0.0, 0.29, 20_000)
    tracemalloc.start()
    assert 0 < p_better(gains, 100, 0) <= 1
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 50e6


def test_p_is_one_without_gains_small_with_clear_ones_and_the_same_each_time() -> None:
    assert p_better(np.zeros(40), 1000, 0) == 1.0
    assert p_better(np.empty(0), 1000, 0) == 1.0
    assert p_better(np.full(40, 0.1), 1000, 0) == pytest.approx(1 / 1001)
    gains = np.random.default_rng(0).normal(0.02, 0.3, 60)
    assert p_better(gains, 1000, 5) == p_better(gains, 1000, 5)


def test_luck_is_called_luck_as_often_as_promised() -> None:
    draw = np.random.default_rng(1)
    called = [p_better(draw.normal(0, 0.29, 40), 500, seed) < 0.05 for seed in range(400)]
    assert 0.02 < np.mean(called) < 0.08


def test_holm_gives_each_comparison_its_share_and_hands_on_what_is_left() -> None:
    assert holm({"right": 0.026, "silent": 0.5}, alpha=0.05) == set()
    assert holm({"right": 0.024, "silent": 0.5}, alpha=0.05) == {"right"}
    assert holm({"right": 0.049, "silent": 0.024}, alpha=0.05) == {"right", "silent"}
    assert holm({"right": 0.026, "silent": 0.9, "talkative": 0.01}, alpha=0.05) == {"talkative"}
    assert holm({"right": 0.049}, alpha=0.05) == {"right"}
    assert holm({}, alpha=0.05) == set()


def test_the_questions_needed_are_those_that_would_show_the_gain() -> None:
    gains = np.random.default_rng(0).normal(0.0, 0.29, 4000)
    assert questions_needed(gains, 0.1, 0.05) == pytest.approx(52, abs=3)
    assert questions_needed(gains, 0.1, 0.02) == pytest.approx(71, abs=4)
    assert questions_needed(np.empty(0), 0.03, 0.05) == pytest.approx(333, abs=3)
    draw = np.random.default_rng(2)
    n = questions_needed(gains, 0.1, 0.05)
    seen = [p_better(draw.normal(0.1, 0.29, n), 400, seed) < 0.05 for seed in range(200)]
    assert 0.7 < np.mean(seen) < 0.9
    with pytest.raises(ValueError, match="above 0"):
        questions_needed(gains, 0.0, 0.05)
    with pytest.raises(ValueError, match="alpha"):
        questions_needed(gains, 0.1, 0.0)


def test_the_gain_that_shows_is_the_one_that_needs_so_many_questions() -> None:
    assert gain_that_shows(75, 0.05) == pytest.approx(0.063, abs=0.001)
    assert questions_needed(np.empty(0), gain_that_shows(400, 0.02), 0.02) == pytest.approx(400, abs=1)


def test_means_of_pairs_with_the_standard_error_of_their_gain() -> None:
    draw = np.random.default_rng(3)
    before, gains = draw.uniform(size=40), draw.normal(0.1, 0.2, 40)
    told = compare_means(before, before + gains)
    assert (told["n"], told["before"]) == (40, pytest.approx(before.mean()))
    assert told["after"] - told["before"] == pytest.approx(told["gain"])
    assert told["error"] == pytest.approx(gains.std(ddof=1) / 40**0.5)
    few = compare_means(before[:4], before[:4])
    assert few["error"] == USUAL_DEVIATION / 2


@pytest.mark.parametrize(("n", "quantile"), [(10, 2.2622), (15, 2.1448), (30, 2.0452), (258, 1.9692), (4, 1.96)])
def test_the_interval_is_students(n: int, quantile: float) -> None:
    assert interval_95(0.5, 0.1, n) == pytest.approx((0.5 - quantile / 10, 0.5 + quantile / 10), abs=1e-5)


def test_p_is_never_printed_as_nothing() -> None:
    assert [p_in_words(p) for p in (0.01234, 0.00005)] == ["p = 0.0123", "p < 0.0001"]
