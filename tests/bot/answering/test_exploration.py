"""Chance shows a few sources from further down, exactly as often as it says."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.exploration import choose_ranks

RELEVANT = [1, 2, 4, 5, 6, 7, 9, 13, 19, 20, 21, 40]
HIDDEN = [7, 9, 13, 19, 20]


def test_a_share_of_the_answers_explores_and_every_candidate_is_as_likely() -> None:
    choices = [choose_ranks(RELEVANT, 5, 0.2, f"Ev{number}") for number in range(20_000)]
    assert all(choice.shown[:4] == (1, 2, 4, 5) for choice in choices)
    last = Counter(choice.shown[4] for choice in choices)
    assert sorted(last) == [6, *HIDDEN]
    assert last[6] / 20_000 == pytest.approx(0.8, abs=0.01)
    assert all(last[rank] / 20_000 == pytest.approx(0.04, abs=0.006) for rank in HIDDEN)


def test_the_logged_propensities_are_how_often_each_is_shown() -> None:
    propensities = choose_ranks(RELEVANT, 5, 0.2, "Ev1").propensities
    assert propensities == pytest.approx(dict.fromkeys([1, 2, 4, 5], 1.0) | {6: 0.8} | dict.fromkeys(HIDDEN, 0.04))
    assert choose_ranks(RELEVANT, 5, 0.2, "Ev2").propensities == propensities


@given(
    st.sets(st.integers(1, 40)).map(sorted), st.integers(1, 10), st.floats(0, 1), st.text(max_size=20)
)  # fmt: skip
def test_whatever_is_relevant_an_answer_keeps_its_size_and_its_best(
    relevant: list[int], n: int, share: float, key: str
) -> None:
    choice = choose_ranks(relevant, n, share, key)
    assert choice == choose_ranks(relevant, n, share, key)
    assert len(choice.shown) == min(n, len(relevant)) == len(set(choice.shown))
    assert list(choice.shown) == sorted(choice.shown)
    assert set(choice.shown) <= set(relevant)
    assert choice.shown[:1] == tuple(relevant[:1])
    assert sum(choice.propensities.values()) == pytest.approx(len(choice.shown))
    assert all(choice.propensities[rank] > 0 for rank in choice.shown)


@pytest.mark.parametrize(
    ("relevant", "n", "share"),
    [([1, 2, 3], 3, 1.0), ([1, 2, 3, 21, 22], 3, 1.0), ([1, 2, 3], 1, 1.0), ([1, 2, 3, 4], 3, 0.0), ([], 3, 1.0)],
    ids=["nothing is left over", "too far down", "one source", "switched off", "nothing is relevant"],
)
def test_nothing_is_explored_where(relevant: list[int], n: int, share: float) -> None:
    for number in range(20):
        choice = choose_ranks(relevant, n, share, f"Ev{number}")
        assert choice.shown == tuple(relevant[:n])
        assert choice.propensities == dict.fromkeys(relevant[:n], 1.0)
