"""All evidence in one test, at the chance of luck that there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from retrain.court.evidence import Limits, Luck, Paired
from retrain.court.ledger import Ledger, Try
from retrain.court.superiority import Shown, pool, show_superiority, tried_in
from retrain.measures import Tried
from tests.retrain.court.test_gate import GOOD, UNSPENT, paired

QUICK = Limits(luck=Luck(randomisations=200, draws=20_000))


def shown(ledger: Ledger = UNSPENT, **evidence: Paired) -> tuple[Shown, dict[str, Any]]:
    report: dict[str, Any] = {}
    return show_superiority(replace(GOOD, **evidence), QUICK, ledger, 0, report), report


def test_evidence_that_shows_nothing_alone_shows_it_together() -> None:
    golden, votes = paired(75, 0.055), paired(60, 0.06, seed=1)
    (alone, of_golden), (_, of_votes) = shown(golden=golden), shown(golden=paired(75, 0.0), votes=votes)
    together, report = shown(golden=golden, votes=votes)
    assert (alone.better, together.better) == (False, True)
    assert report["pooled"]["p"] < min(of_golden["golden"]["p"], of_votes["votes"]["p"])


def test_it_is_the_ranks_of_golden_questions_that_are_tested_and_their_ndcg_that_is_told() -> None:
    flat, deeper = paired(75, 0.0001, sd=0.01), paired(75, 0.5, sd=1.0)
    better, report = shown(golden=flat, golden_ranks=deeper)
    assert better.better
    assert "75 golden questions ndcg@10 went +0.000" in better.sentences[0]
    assert report["golden"]["p"] > 0.1


def test_a_cluster_that_is_in_two_kinds_of_evidence_rises_and_falls_as_one() -> None:
    gains = np.array([0.3, -0.2, 0.1])
    golden = Paired(np.zeros(3), gains, clusters=np.array([4, 7, 9]))
    votes = Paired(np.zeros(2), np.array([0.5, -0.5]), clusters=np.array([7, 11]))
    pooled = pool({"golden": golden, "votes": votes}, {4: "pair 1", 7: "pair 2", 9: "pair 3"})
    assert pooled.keys() == {"pair 1", "pair 2", "pair 3", "votes 11"}
    alone = pool({"golden": golden}, {4: "pair 1", 7: "pair 2", 9: "pair 3"})
    assert pooled["pair 1"] / pooled["pair 3"] == pytest.approx(alone["pair 1"] / alone["pair 3"])
    assert pooled["pair 2"] > pooled["pair 1"] * -0.2 / 0.3


def test_too_few_of_a_kind_show_nothing() -> None:
    _, report = shown(trial=paired(9, 0.5))
    assert report["trial"]["n"] == 9
    assert "trial" not in report["pooled"]["shares"]


def test_the_same_evidence_is_not_enough_where_little_of_the_year_is_left() -> None:
    golden = paired(75, 0.09)
    first, report = shown(golden=golden)
    assert first.better and report["pooled"]["alpha"] == pytest.approx(0.025 * 2 / 3)

    tries = Try(UNSPENT.now - timedelta(days=2), Tried({"pair 900": 1.0}, 0.02))
    later, report = shown(replace(UNSPENT, tries=(tries,)), golden=golden)
    assert not later.better
    assert report["pooled"] == {
        "p": pytest.approx(report["pooled"]["p"]),
        "alpha": pytest.approx((0.005 + 0.025 * (2 / 365) ** 0.5) * 2 / 3),
        "better": False,
        "tries": 1,
        "spent": 0.02,
        "shares": pytest.approx({"golden": 0.777, "votes": 0.223}, abs=0.001),
    }
    assert "1 earlier try has used 2.0%" in later.sentences[1]
    assert "more golden pairs" in later.sentences[-1] or "isn't what is missing" in later.sentences[-1]


def test_a_report_keeps_the_try_for_later_ones() -> None:
    _, report = shown(golden=paired(30, 0.05), votes=paired(20, 0.0))
    tried = tried_in(report)
    assert tried.alpha == pytest.approx(0.025 * 2 / 3)
    assert len(tried.gains) == 50
    assert tried_in({"learnt_from": 12}) == Tried({}, 0.0)
    again = Ledger(UNSPENT.now, (Try(datetime(2026, 3, 4, tzinfo=UTC), tried),))
    _, second = shown(again, golden=paired(30, 0.05), votes=paired(20, 0.0))
    assert second["pooled"]["p"] < report["pooled"]["p"]


def test_a_candidate_that_moves_nothing_has_used_nothing() -> None:
    still = Paired(np.full(30, 0.5), np.full(30, 0.5))
    better, report = shown(golden=still, votes=still)
    assert (better.better, report["pooled"]["p"], tried_in(report)) == (False, 1.0, Tried({}, 0.0))
