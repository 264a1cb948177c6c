"""Trials are held through the real draw, fold and decision, and end as what was planted ought to."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.trial import trials
from benchmarks.trial.planted import Plant
from benchmarks.trial.trials import hold_trial
from db.question import Team
from retrain.court import TeamVote, TrialRules
from tests.benchmarks.trial.small import make_listed

RULES = [TrialRules(0.025, 100), TrialRules(0.005, 100)]


def test_what_is_better_is_promoted_and_what_is_worse_dropped() -> None:
    listed = make_listed()
    for seed in range(3):
        early, late = hold_trial(listed, Plant("", "better"), RULES, seed)
        assert early.last.decision == late.last.decision == "promoted"
        assert early.last.questions <= late.last.questions <= 110
        [worse] = hold_trial(listed, Plant("", "worse", "words", "vectors"), RULES[:1], seed)
        assert worse.last.decision == "dropped"


def test_where_lists_agree_everything_is_undecided_and_nothing_contested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "MOST_ASKED", 150)
    for own in hold_trial(make_listed(), Plant("", "no better", mixed=0.0), RULES, 0):
        assert (own.last.decision, own.last.questions, own.asked, own.contested) == ("undecided", 0, 150, 0)
        assert own.slots == 150 * 5


def test_votes_that_mean_nothing_are_won_and_lost_alike() -> None:
    ends = [hold_trial(make_listed(), Plant("", "no better", noise=0.5), RULES[:1], seed)[0] for seed in range(40)]
    won, lost = (sum(getattr(own.last, name) for own in ends) for name in ("won", "lost"))
    assert won / (won + lost) == pytest.approx(0.5, abs=0.05)
    assert sum(own.last.decision == "promoted" for own in ends) <= 4


def test_a_trial_is_the_same_each_time_it_is_held() -> None:
    plant = Plant("", "no better", swapped=0.5, changing=0.1)
    assert hold_trial(make_listed(), plant, RULES, 7) == hold_trial(make_listed(), plant, RULES, 7)
    assert hold_trial(make_listed(), plant, RULES, 7) != hold_trial(make_listed(), plant, RULES, 8)


def test_who_changes_their_mind_changes_all_they_said_of_a_question() -> None:
    team: Team = "candidate"
    votes = [TeamVote(number, who, team, 1) for number in range(100) for who in ("ann", "bob") for _ in range(2)]
    changed = trials._change(votes, 0.3, np.random.default_rng(0))
    turned = {(own.question_id, own.person) for own in changed if own.value < 0}
    assert len(turned) == pytest.approx(60, abs=20)
    assert all((own.value < 0) == ((own.question_id, own.person) in turned) for own in changed)
