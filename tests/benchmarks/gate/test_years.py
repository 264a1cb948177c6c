"""Simulated years, decided by the gate itself."""

from __future__ import annotations

import pytest

from benchmarks.gate.years import Company, first_night, gain_in_ndcg, promoted_in_a_year, runs_of_a_year
from retrain.court import NIGHT_SHARE, RANKING_SHARE

YOUNG = Company(votes_at_first=1500, votes_a_year=3000, golden=40, voted=20)


def test_a_year_has_nights_and_ranking_runs_as_votes_come() -> None:
    runs = runs_of_a_year(YOUNG)
    assert runs[0].day == 0 and runs[-1].day < 365
    assert [own.share for own in runs[:3]] == [NIGHT_SHARE, RANKING_SHARE, NIGHT_SHARE]
    assert runs[-1].share == NIGHT_SHARE
    assert all(later.votes > 1.04 * own.votes for own, later in zip(runs, runs[1:], strict=False))


def test_years_with_nothing_to_learn_seldom_promote_anything() -> None:
    promoted = [promoted_in_a_year(YOUNG, "alike", seed) for seed in range(40)]
    assert sum(own is not None for own in promoted) <= 6  # 1 in 1,000 at 5%


@pytest.mark.parametrize("day", [30, 400])
def test_what_a_night_learnt_is_mostly_seen(day: float) -> None:
    learns = first_night(YOUNG, day)
    promoted = [promoted_in_a_year(YOUNG, "alike", seed, learnt=0.9, learns=learns) for seed in range(12)]
    assert promoted.count(learns) >= 8


def test_the_first_night_from_a_day_on() -> None:
    runs = runs_of_a_year(YOUNG)
    assert first_night(YOUNG, 0) == 0
    assert first_night(YOUNG, runs[1].day) == 2
    assert first_night(YOUNG, 400) == len(runs) - 1


def test_what_ranks_halved_are_in_ndcg() -> None:
    assert gain_in_ndcg(Company(), 0.0)[0] == pytest.approx(0.0, abs=0.002)
    gain, deviation = gain_in_ndcg(Company(), 0.54)
    assert (gain, deviation) == (pytest.approx(0.1, abs=0.005), pytest.approx(0.215, abs=0.01))
