"""How much of a year's chance of luck a try may use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrain.court.ledger import YEAR, Ledger, Spending, Try
from retrain.measures import Tried

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def on(day: float, *tries: Try, share: float = 1.0) -> Ledger:
    return Ledger(BEGAN + timedelta(days=day), tries, share)


def tried(day: float, alpha: float) -> Try:
    return Try(BEGAN + timedelta(days=day), Tried({"pair 1": 0.1}, alpha))


def test_the_first_try_may_use_its_part_whenever_it_comes() -> None:
    assert on(0).alpha == on(1000).alpha == Spending().at_first
    assert on(0, share=0.5).alpha == Spending().at_first / 2


def test_the_next_ones_use_what_has_come_in_since() -> None:
    first = tried(0, 0.025)
    assert on(0, first).alpha == 0
    assert on(0.04 * 365, first).alpha == pytest.approx(0.005)
    assert on(0.16 * 365, first, tried(0.04 * 365, 0.005)).alpha == pytest.approx(0.005)
    assert on(0.16 * 365, first).alpha == pytest.approx(0.01)
    assert on(10, tried(0, 0.01)).alpha == pytest.approx(0.015 + 0.025 * (10 / 365) ** 0.5)


def test_a_year_later_another_year_begins() -> None:
    year = [tried(0, 0.025), tried(365 / 4, 0.0125)]
    assert on(364, *year).alpha == pytest.approx(0.0125, abs=1e-4)
    assert on(366, *year).alpha == pytest.approx(0.025)
    assert on(366, *year).earlier == (year[1].tried,)
    assert on(366 + 365 / 4, *year, tried(366, 0.025)).alpha == pytest.approx(0.0125)


def test_a_clock_that_was_ahead_costs_no_years_of_waiting() -> None:
    ahead = tried(3650, 0.025)
    assert on(10, ahead).alpha == 0  # it may have been today
    assert on(10 + 0.04 * 365, ahead, tried(10, 0.0)).alpha == pytest.approx(0.005)
    assert on(376, ahead, tried(10, 0.0)).alpha == pytest.approx(0.025)


@given(st.lists(st.tuples(st.floats(0, 120), st.sampled_from([1.0, 0.5])), min_size=1, max_size=60))
def test_in_no_year_is_more_spent_than_is_allowed(waits: list[tuple[float, float]]) -> None:
    day, tries = 0.0, []
    for wait, share in waits:
        day += wait
        alpha = on(day, *tries, share=share).alpha
        assert alpha >= 0
        tries.append(tried(day, alpha))
    for own in tries:
        within = [other.tried.alpha for other in tries if own.at <= other.at < own.at + YEAR]
        assert sum(within) <= Spending().in_a_year + 1e-9
