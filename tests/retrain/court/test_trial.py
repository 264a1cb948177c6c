"""What a trial's votes show: exact boundaries, looks at one price, and an end to harm at any time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, product
from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrain.court.trial import Look, TrialRules, is_due, look, spending

NEVER_DROPPED = 1e-9
LAN_DEMETS = (0.2, 5.4e-7), (0.4, 0.0004), (0.6, 0.0038), (0.8, 0.0122), (1.0, 0.025)
"""What the O'Brien-Fleming-like function has set free of .025, one-sided, at five even looks: as gsDesign's sfLDOF."""
CRITICAL = (4.877, 3.357, 2.680, 2.290, 2.031)
"""And the normal deviates that it asks for at each of them, published and as gsDesign and rpact tell them."""


def looks_of(says: Sequence[int], rules: TrialRules) -> list[Look]:
    """Every look at questions that come one by one, up to the one that ends it."""
    looks: list[Look] = []
    for n in range(1, len(says) + 1):
        if is_due(n, looks, rules):
            looks.append(look(says[:n], looks, rules))
            if looks[-1].decision != "go on":
                break
    return looks


def test_what_is_set_free_is_what_lan_and_demets_say() -> None:
    for share, free in LAN_DEMETS:
        assert spending(share, 0.025) == pytest.approx(free, rel=0.02, abs=4e-5)
    assert spending(0.2, 0.025) == pytest.approx(5.4e-7, rel=0.02)
    assert spending(0.0, 0.025) == spending(-1.0, 0.025) == 0.0
    assert spending(2.0, 0.025) == pytest.approx(0.025)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.001, 0.2))
def test_what_is_set_free_grows_up_to_alpha(one: float, other: float, alpha: float) -> None:
    early, late = sorted((one, other))
    assert 0.0 <= spending(early, alpha) <= spending(late, alpha) <= alpha * (1 + 1e-9)


def test_boundaries_of_many_questions_are_the_published_ones() -> None:
    rules = TrialRules(alpha=0.025, questions=20_000, harm_alpha=NEVER_DROPPED, looks=5)
    looks: list[Look] = []
    for n in range(4000, 20_001, 4000):
        looks.append(look([1, -1] * (n // 2), looks, rules))
    deviates = [(2 * own.least_won - own.decided) / sqrt(own.decided) for own in looks]
    assert deviates == pytest.approx(CRITICAL, abs=0.035)  # a question is .03 of a deviation at the first look
    assert [own.decision for own in looks] == ["go on"] * 4 + ["undecided"]


@pytest.mark.parametrize("alpha", [0.3, 0.1, 0.025])
@pytest.mark.parametrize("looks", [1, 3, 6, 12])
def test_coins_are_promoted_exactly_as_often_as_was_spent(alpha: float, looks: int) -> None:
    rules = TrialRules(alpha=alpha, questions=12, harm_alpha=NEVER_DROPPED, looks=looks)
    ends = [looks_of(says, rules)[-1] for says in product((1, -1), repeat=12)]
    promoted = sum(own.decision == "promoted" for own in ends) / len(ends)
    assert promoted <= alpha
    assert promoted == pytest.approx(max(own.spent for own in ends), abs=1e-12)


@pytest.mark.parametrize("even", [{0, 1, 2, 3}, {8, 9, 10}, {1, 4, 7, 10}, set(range(0, 12, 2))])
def test_so_are_coins_among_questions_that_are_even(even: set[int]) -> None:
    rules = TrialRules(alpha=0.2, questions=12, harm_alpha=NEVER_DROPPED, looks=4)
    ends = []
    for coins in product((1, -1), repeat=12 - len(even)):
        left = iter(coins)
        ends.append(looks_of([0 if n in even else next(left) for n in range(12)], rules)[-1])
    promoted = sum(own.decision == "promoted" for own in ends) / len(ends)
    assert promoted == pytest.approx(max(own.spent for own in ends), abs=1e-12)
    assert 0 < promoted <= 0.2


def test_looks_cost_what_they_cost() -> None:
    """Were each look allowed all of alpha, coins would win far more often: the guard is `earlier`."""
    rules = TrialRules(alpha=0.1, questions=12, harm_alpha=NEVER_DROPPED, looks=12)
    forgetful = 0
    for says in product((1, -1), repeat=12):
        forgetful += any(look(says[:n], [], rules, is_last=True).decision == "promoted" for n in range(1, 13))
    assert forgetful / 2**12 > 0.14


@given(st.lists(st.sampled_from([1, 0, -1]), min_size=40, max_size=40), st.sampled_from([0.025, 0.0167, 0.0083]))
@settings(deadline=None)
def test_each_look_asks_for_the_least_that_its_alpha_allows(says: list[int], alpha: float) -> None:
    rules = TrialRules(alpha=alpha, questions=40, harm_alpha=NEVER_DROPPED)
    looks = looks_of(says, rules)
    for own, earlier in zip(looks, [0.0, *(own.spent for own in looks)], strict=False):
        assert earlier <= own.spent <= alpha + 1e-12
        assert (own.decision == "promoted") == (own.won >= own.least_won)
        assert own.least_won <= own.decided + 1
        assert own.p == pytest.approx(
            sum(comb(own.decided, k) for k in range(own.won, own.decided + 1)) / 2**own.decided
        )
        if own.least_won <= own.decided:
            least = range(own.least_won, own.decided + 1)
            assert own.allowed == pytest.approx(sum(comb(own.decided, k) for k in least) / 2**own.decided)
        else:
            assert own.allowed == 0.0


def test_one_fewer_would_have_been_too_many() -> None:
    rules = TrialRules(alpha=0.025, questions=100, looks=1)
    own = look([1, -1] * 50, [], rules)
    tail = [sum(comb(100, k) for k in range(least, 101)) / 2**100 for least in (own.least_won, own.least_won - 1)]
    assert tail[0] <= 0.025 < tail[1]
    assert own.spent == pytest.approx(tail[0])
    assert look([1] * own.least_won + [-1] * (100 - own.least_won), [], rules).decision == "promoted"
    assert look([1] * (own.least_won - 1) + [-1] * (101 - own.least_won), [], rules).decision == "undecided"


def test_few_questions_show_nothing_however_they_went() -> None:
    rules = TrialRules(alpha=0.025, questions=400)
    own = look([1] * 20, [], rules)
    assert (own.decision, own.least_won, own.allowed, own.spent) == ("go on", 21, 0.0, 0.0)
    assert look([1] * 20, [], rules, is_last=True).decision == "promoted"
    nothing = look([], [], rules, is_last=True)
    assert (nothing.decision, nothing.p, nothing.wealth) == ("undecided", 1.0, 1.0)


def test_the_last_look_may_use_what_is_left_whenever_it_comes() -> None:
    rules = TrialRules(alpha=0.025, questions=400)
    won = [1] * 20 + [-1] * 8
    assert look(won, [], rules).decision == "go on"
    assert look(won, [], rules, is_last=True).decision == "promoted"
    assert look([1, -1] * 14, [], rules, is_last=True).decision == "undecided"
    assert look([1, -1, 0, 0] * 100, [], rules).decision == "undecided"  # all questions are there
    assert look([1, -1, 0, 0] * 99, [], rules).decision == "go on"


def test_a_trial_without_alpha_promotes_nothing() -> None:
    rules = TrialRules(alpha=0.0, questions=40)
    assert looks_of([1] * 40, rules)[-1].decision == "undecided"


def test_a_look_is_due_when_a_twentieth_is_new_and_when_all_are_there() -> None:
    rules = TrialRules(alpha=0.025, questions=400)
    assert not is_due(19, [], rules)
    assert is_due(20, [], rules)
    seen = [look([0] * 25, [], rules)]
    assert not is_due(25, seen, rules) and not is_due(44, seen, rules)
    assert is_due(45, seen, rules)
    assert not is_due(20, seen, rules)  # votes were taken back
    late = [look([0] * 390, [], rules)]
    assert is_due(400, late, rules) and is_due(401, late, rules) and not is_due(399, late, rules)
    assert not is_due(0, [], TrialRules(alpha=0.025, questions=5)) and is_due(1, [], TrialRules(0.025, questions=5))


def test_votes_taken_back_leave_the_chances_of_before_and_of_now_in_sum() -> None:
    rules = TrialRules(alpha=0.2, questions=12, harm_alpha=NEVER_DROPPED, looks=4)
    first = look([1, -1, 1, -1, 1, -1], [], rules)
    assert first.spent > 0
    fewer = look([1, -1, 0, 0, 0, 0, 0, 0, 0], [first], rules)
    assert fewer.decided == 2 < first.decided
    tail = sum(comb(2, k) for k in range(fewer.least_won, 3)) / 4
    assert fewer.spent == pytest.approx(first.spent + tail)
    assert fewer.spent <= spending(9 / 12, 0.2)
    last = look([1, -1] * 6, [first, fewer], rules)
    tail = sum(comb(12, k) for k in range(last.least_won, 13)) / 2**12
    assert last.spent == pytest.approx(fewer.spent + tail) and last.spent <= 0.2


def test_what_only_changed_votes_could_reach_costs_nothing_and_shows_nothing() -> None:
    rules = TrialRules(alpha=0.2, questions=10, harm_alpha=NEVER_DROPPED, looks=10)
    first = look([1, 1, 1, -1, 1, -1], [], rules)
    assert first.least_won == 6 and first.decision == "go on"
    # nothing new is decided: six of six can't be there unless a vote was changed
    second = look([1, 1, 1, 1, 1, 1, 0], [first], TrialRules(0.0, 10, NEVER_DROPPED, looks=10))
    assert (second.least_won, second.decision, second.spent) == (7, "go on", first.spent)


def test_wealth_is_worth_1_on_average_where_neither_is_better() -> None:
    for n in range(13):
        wealth = [look(own, [], TrialRules(0.025, 400)).wealth for own in product((1, -1), repeat=n)]
        assert np.mean(wealth) == pytest.approx(1.0)


def test_a_question_multiplies_wealth_as_was_fixed_before() -> None:
    rules = TrialRules(0.025, 400, bets=(0.2, 0.6))
    assert look([0, 0], [], rules).wealth == pytest.approx(1.0)
    assert look([-1, -1, 1, 0], [], rules).wealth == pytest.approx((1.2**2 * 0.8 + 1.6**2 * 0.4) / 2)


def test_many_questions_are_no_matter() -> None:
    rules = TrialRules(0.025, 100_000)
    assert look([1, -1] * 5000, [], rules).wealth == pytest.approx(0.0)
    assert look([-1] * 10_000, [], rules).decision == "dropped"


@pytest.mark.parametrize("harm_alpha", [0.3, 0.1, 0.05])
def test_coins_are_dropped_at_most_as_often_as_that_is_allowed_ever(harm_alpha: float) -> None:
    rules = TrialRules(alpha=0.0, questions=11, harm_alpha=harm_alpha, looks=11)
    ends = [looks_of(says, rules)[-1].decision for says in product((1, -1), repeat=11)]
    assert 0 < ends.count("dropped") / len(ends) <= harm_alpha


def test_harm_ends_it_long_before_all_are_there() -> None:
    rules = TrialRules(0.025, 400)
    looks = looks_of(([-1] * 7 + [1] * 3) * 40, rules)
    assert looks[-1].decision == "dropped" and looks[-1].questions <= 100
    assert looks[-1].wealth >= 20


def test_a_better_one_is_promoted_before_all_are_there() -> None:
    looks = looks_of(([1] * 7 + [-1] * 3) * 40, TrialRules(0.025, 400))
    assert looks[-1].decision == "promoted" and looks[-1].questions <= 200


@given(st.lists(st.sampled_from([1, 0, -1]), max_size=60))
@settings(deadline=None)
def test_the_order_of_what_is_there_changes_nothing(says: list[int]) -> None:
    rules = TrialRules(0.025, 60)
    assert look(says, [], rules) == look(sorted(says), [], rules)


def test_what_the_row_keeps_tells_all() -> None:
    rules = TrialRules(0.025, 40)
    looks = looks_of([1, 1, -1] * 10, rules)
    again = [Look(**own.as_json()) for own in looks]
    assert again == looks
    assert looks[-1].decided == looks[-1].won + looks[-1].lost
    assert list(accumulate(own.spent for own in looks)) == sorted(accumulate(own.spent for own in looks))


def test_of_few_questions_each_is_a_look() -> None:
    assert TrialRules(0.025, 5).questions_a_look == 1
    assert TrialRules(0.025, 400).questions_a_look == 20
