from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.models import measure_scale
from retrain.court.changes import Change
from retrain.court.evidence import ANSWERS, Evidence, Limits, Luck, Paired, Vectors
from retrain.court.gate import Verdict, too_little_to_judge_by
from retrain.court.gate import decide as decide_with
from retrain.court.ledger import Ledger
from retrain.lesson import Anchor
from tests.scales import lifted

DRAW = np.random.default_rng(0)
HEALTHY = DRAW.normal(size=(200, 32)).astype(np.float32)
HEALTHY /= np.linalg.norm(HEALTHY, axis=1, keepdims=True)


def paired(n: int, gain: float, sd: float = 0.29, seed: int = 0) -> Paired:
    """`n` questions whose mean gain is exactly `gain`."""
    draw = np.random.default_rng(seed)
    gains = draw.normal(size=n)
    gains = (gains - gains.mean()) / gains.std() * sd + gain
    before = draw.uniform(size=n)
    return Paired(before, before + gains)


GOOD = Evidence(300, Vectors(HEALTHY, 32), golden=paired(75, 0.12), votes=paired(60, 0.0), hubs=(0.1, 0.1))


UNSPENT = Ledger(datetime(2026, 3, 5, tzinfo=UTC))


def decide(evidence: Evidence, limits: Limits | None = None, *, seed: int = 0) -> Verdict:
    """What a year's first try comes to."""
    return decide_with(evidence, UNSPENT, limits, seed=seed)


def refused(evidence: Evidence, *words: str) -> Verdict:
    decision = decide(evidence)
    assert not decision.promote
    assert all(any(word in reason for reason in decision.reasons) for word in words), decision.reasons
    return decision


def test_a_candidate_that_golden_questions_show_to_be_better_is_promoted() -> None:
    decision = decide(GOOD)
    assert decision.promote
    assert decision.reasons == (
        "On 75 golden questions ndcg@10 went +0.120, on 60 held-out voted questions pairs put in the right order went "
        f"+0.000: better (p = {decision.report['pooled']['p']:.4f}, and 0.0167 was allowed).",
    )
    assert json.loads(json.dumps(decision.report)) == decision.report
    assert decide(GOOD) == decision


def test_one_that_is_as_good_is_refused_with_what_it_would_take() -> None:
    decision = refused(replace(GOOD, golden=paired(75, 0.03)), "not shown to be better", "more golden pairs")
    assert decision.reasons[1:] == ("A gain of 0.03 in ndcg@10 needs about 2360 more golden pairs to be seen.",)


def test_what_it_takes_comes_from_how_much_golden_questions_differ() -> None:
    alike = refused(replace(GOOD, golden=paired(75, 0.03, sd=0.2)), "not shown to be better")
    assert "about 1040 more golden pairs" in alike.reasons[-1]
    without = replace(GOOD, golden=Paired(np.empty(0), np.empty(0)), votes=paired(200, 0.0, sd=0.05))
    assert "about 1420 more golden pairs" in refused(without).reasons[-1]


def test_held_out_votes_alone_need_p_under_a_hundredth() -> None:
    no_golden = replace(GOOD, golden=Paired(np.empty(0), np.empty(0)))
    clear, likely = paired(200, 0.06), paired(200, 0.037)
    assert decide(replace(no_golden, votes=clear)).promote
    assert 0.01 < decide(replace(no_golden, votes=likely)).report["pooled"]["p"] < 0.05
    refused(replace(no_golden, votes=likely), "not shown to be better", "and 0.0100 was allowed")


def test_votes_have_a_third_of_the_say_beside_golden_questions_however_many_they_are() -> None:
    both = replace(GOOD, golden=paired(75, 0.0), votes=paired(2000, 0.02))
    assert decide(both).report["votes"]["p"] < 0.005
    decision = refused(both, "not shown to be better")
    assert decision.report["pooled"]["shares"] == pytest.approx({"golden": 2 / 3, "votes": 1 / 3})


def test_what_votes_praise_is_not_promoted_where_golden_questions_fall() -> None:
    fallen = replace(GOOD, golden=paired(75, -0.01, sd=0.1), votes=paired(75, 0.3))
    decision = refused(fallen, "not shown to be better")
    assert decision.report["pooled"]["p"] < decision.report["pooled"]["alpha"]


def test_a_trial_can_show_it() -> None:
    assert decide(replace(GOOD, golden=paired(75, 0.0), trial=paired(100, 0.15))).promote


@pytest.mark.parametrize("seed", range(5))
def test_a_candidate_that_changes_nothing_is_refused(seed: int) -> None:
    refused(replace(GOOD, golden=paired(75, 0.0, seed=seed), votes=paired(150, 0.0, seed=seed)))


def test_too_little_to_learn_from_is_refused_first_and_says_what_is_missing() -> None:
    decision = refused(replace(GOOD, learnt_from=45), "too little to learn from", "15 more questions")
    assert "golden" not in decision.report


def test_too_little_to_judge_by_is_refused_and_says_what_is_missing() -> None:
    refused(replace(GOOD, golden=paired(12, 0.5), votes=paired(20, 0.5)), "12 golden questions", "26 more golden pairs")


def test_where_what_trained_can_not_judge_it_is_said() -> None:
    [reason] = too_little_to_judge_by(12, 20, spent=60)
    assert "about 26 more golden pairs would do" in reason
    assert reason.endswith("Another 60 golden questions trained in earlier nights, and what trained never judges.")
    assert "Another" not in too_little_to_judge_by(12, 20)[0]
    assert too_little_to_judge_by(25, 20, spent=60) == []


def test_a_clear_fall_on_votes_refuses_what_golden_questions_praise() -> None:
    decision = refused(replace(GOOD, golden=paired(75, 0.3), votes=paired(60, -0.12)), "fell by 0.120")
    assert decision.report["pooled"]["better"]


def test_a_small_unclear_fall_on_votes_is_borne() -> None:
    assert decide(replace(GOOD, votes=paired(60, -0.02))).promote


def of_answers(name: str, changed: int, n: int = 75) -> dict[str, Paired]:
    """Answers alike on both sides, but for one share: so many questions have it now, or (below 0) had it."""
    answers = {own: Paired(np.zeros(n), np.zeros(n)) for own in ANSWERS}
    gained = (np.arange(n) < abs(changed)).astype(np.float64)
    answers[name] = Paired(np.zeros(n), gained) if changed > 0 else Paired(gained, np.zeros(n))
    return answers


@pytest.mark.parametrize(
    ("name", "changed", "words"),
    [
        ("right", -9, "answered with a right document among the sources went from 12.0% to 0.0%"),
        ("wrongly_silent", 3, "refused though a right document was found went from 0.0% to 4.0%"),
        ("wrongly_talkative", 9, "answered without a right document went from 0.0% to 12.0%"),
    ],
)
def test_worse_answers_refuse_what_golden_questions_praise(name: str, changed: int, words: str) -> None:
    decision = refused(replace(GOOD, answers=of_answers(name, changed)), words, "people's answers would be worse")
    assert decision.report["pooled"]["better"]
    assert len(decision.reasons) == 1
    assert decide(replace(GOOD, answers=of_answers(name, -changed))).promote


def test_a_share_of_answers_that_luck_may_have_moved_is_borne() -> None:
    for name, changed in (("right", -3), ("wrongly_silent", 1), ("wrongly_talkative", 3)):
        decision = decide(replace(GOOD, answers=of_answers(name, changed)))
        assert decision.promote
        assert decision.report["answers"][name]["p_worse"] > 0.1


def test_a_change_of_answers_that_is_likely_but_small_is_borne() -> None:
    few = of_answers("right", -5, n=300)
    assert 0.016 < decide(replace(GOOD, answers=few)).report["answers"]["right"]["p_worse"] < 0.0334
    assert decide(replace(GOOD, answers=few)).promote
    refused(replace(GOOD, answers=of_answers("right", -5)), "worse")


KINDS = ("right", "wrongly_silent", "wrongly_talkative", "rightly silent")


def drawn_answers(n: int, before: list[float], after: list[float], kept: float, seed: int) -> dict[str, Paired]:
    """`n` questions with as likely answers of each kind; a share is `kept` as it was."""
    draw = np.random.default_rng(seed)
    old, new = (draw.choice(len(KINDS), size=n, p=shares) for shares in (before, after))
    new = np.where(draw.random(n) < kept, old, new)
    return {name: Paired((old == k).astype(float), (new == k).astype(float)) for k, name in enumerate(KINDS[:3])}


@pytest.mark.parametrize(
    ("after", "kept", "at_least", "at_most"),
    [
        ([0.7, 0.08, 0.16, 0.06], 0.7, 0.0, 0.2),  # as good
        ([0.85, 0.02, 0.1, 0.03], 0.5, 0.0, 0.05),  # better
        ([0.5, 0.28, 0.16, 0.06], 0.5, 0.85, 1.0),  # silent on 10 more of 100
        ([0.5, 0.08, 0.36, 0.06], 0.5, 0.45, 1.0),  # talks about nothing on 10 more of 100
    ],
)
def test_how_often_answers_refuse(after: list[float], kept: float, at_least: float, at_most: float) -> None:
    quick = Limits(luck=Luck(randomisations=400, draws=2000))
    refusals = 0
    for seed in range(200):
        answers = drawn_answers(75, [0.7, 0.08, 0.16, 0.06], after, kept, seed)
        refusals += not decide(replace(GOOD, answers=answers), quick, seed=seed).promote
    assert at_least <= refusals / 200 <= at_most


def test_the_worst_slice_is_limited_however_good_the_mean() -> None:
    golden = paired(75, 0.2, sd=0.05)
    slice_ = np.arange(75) < 20
    golden.candidate[slice_] = golden.incumbent[slice_] - 0.2
    evidence = replace(GOOD, golden=replace(golden, slices={"never voted": slice_}))
    refused(evidence, "'never voted'")
    assert decide(replace(GOOD, golden=golden)).promote


def test_the_regression_set_is_limited() -> None:
    refused(replace(GOOD, regression=paired(100, -0.12, sd=0.1)), "regression set", "0.120")
    assert decide(replace(GOOD, regression=paired(100, -0.08, sd=0.1))).promote
    assert decide(replace(GOOD, regression=paired(10, -0.12, sd=0.5))).promote


@pytest.mark.parametrize("name", ["wrongly_silent", "wrongly_talkative"])
def test_wrong_answers_on_the_regression_set_are_limited(name: str) -> None:
    known = replace(GOOD, regression=paired(100, 0.0))
    decision = refused(replace(known, regression_answers=of_answers(name, 7, n=100)), "of the regression set")
    assert decision.report["regression_answers"][name]["p_worse"] < 0.01
    for bearable in (5, -7):
        assert decide(replace(known, regression_answers=of_answers(name, bearable, n=100))).promote


def test_talking_more_and_being_silent_less_are_weighed_against_each_other_there() -> None:
    both = of_answers("wrongly_talkative", 7, n=100)
    both["wrongly_silent"] = of_answers("wrongly_silent", -4, n=100)["wrongly_silent"]
    decision = decide(replace(GOOD, regression=paired(100, 0.0), regression_answers=both))
    assert decision.promote
    assert decision.report["regression_wrong"]["gain"] == pytest.approx(0.03)


def test_a_document_that_pushes_itself_into_many_answers_is_caught() -> None:
    refused(replace(GOOD, hubs=(0.08, 0.4)), "40%")


def broken(name: str) -> Vectors:
    sample = HEALTHY.copy()
    if name == "nan":
        sample[3, 3] = np.nan
    elif name == "length":
        sample *= 3
    elif name == "collapse":
        sample = np.ones_like(sample) + 0.01 * sample
        sample /= np.linalg.norm(sample, axis=1, keepdims=True)
    return Vectors(sample, 16 if name == "shape" else 32)


@pytest.mark.parametrize(
    ("name", "word"),
    [("nan", "numbers"), ("length", "length 1"), ("collapse", "collapsed"), ("shape", "shape")],
)
def test_broken_vectors_end_it_at_once(name: str, word: str) -> None:
    decision = refused(replace(GOOD, vectors=broken(name)), word)
    assert len(decision.reasons) == 1


def test_vectors_as_close_together_as_the_incumbent_s_have_not_collapsed() -> None:
    close = lifted(HEALTHY, 0.92)
    assert "collapsed" in decide(replace(GOOD, vectors=Vectors(close, 33))).reasons[0]
    assert decide(replace(GOOD, vectors=Vectors(close, 33, measure_scale(close)))).promote


def test_questions_that_a_measure_does_not_apply_to_are_left_out() -> None:
    votes = Paired(np.array([np.nan, 0.5]), np.array([1.0, 0.7]))
    assert votes.gains == pytest.approx([0.2])


def test_luck_promotes_no_more_often_than_promised() -> None:
    quick = Limits(luck=Luck(randomisations=400, draws=2000))
    promoted = 0
    for seed in range(200):
        draw = np.random.default_rng(seed)
        golden, votes = (Paired(np.zeros(n), draw.normal(0, 0.29, n)) for n in (75, 150))
        promoted += decide(replace(GOOD, golden=golden, votes=votes), quick, seed=seed).promote
    assert promoted / 200 < 0.09


def in_clusters(paired: Paired, sizes: np.ndarray) -> Paired:
    """Each question as a cluster of so many near-duplicates that rise and fall as it does."""
    slices = {name: np.repeat(mask, sizes) for name, mask in paired.slices.items()}
    incumbent, candidate = (np.repeat(values, sizes) for values in (paired.incumbent, paired.candidate))
    return Paired(incumbent, candidate, slices, np.repeat(np.arange(len(sizes)), sizes))


def test_thirty_paraphrases_of_one_question_are_one_question() -> None:
    gains = np.array([0.3] + [-0.2] * 15 + [0.0] * 15)
    once = Paired(np.full(31, 0.5), 0.5 + gains)
    golden = in_clusters(once, np.array([30] + [1] * 30))

    assert golden.candidate.mean() - golden.incumbent.mean() > 0.09
    decision = refused(replace(GOOD, golden=golden), "not shown to be better", "more golden pairs")
    assert decision.reasons[0].startswith(
        "On 60 golden questions in 31 clusters ndcg@10 went -0.087, on 60 held-out voted"
    )
    assert (decision.report["golden"]["n"], decision.report["golden"]["questions"]) == (31, 60)
    assert decision.reasons[-1] == decide(replace(GOOD, golden=once)).reasons[-1]


def test_too_few_clusters_are_too_few_questions_however_many_paraphrases_there_are() -> None:
    few, votes = in_clusters(paired(12, 0.5), np.full(12, 9)), in_clusters(paired(20, 0.5), np.full(20, 9))
    refused(replace(GOOD, golden=few, votes=votes, trial=few), "12 golden questions and 20 held-out questions")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.12, 0.03, -0.04, -0.12]))
def test_whatever_is_compared_however_often_a_question_is_repeated_the_decision_is_the_same(
    seed: int, gain: float
) -> None:
    draw = np.random.default_rng(seed)
    golden = replace(paired(75, gain, seed=seed), slices={"voted": draw.random(75) < 0.5})
    once = replace(GOOD, golden=golden, votes=paired(110, gain), trial=paired(40, gain), regression=paired(50, gain))
    once = replace(once, answers=of_answers("right", -4))
    repeated = replace(
        once,
        **{
            name: in_clusters(own, draw.integers(1, 30, len(own.incumbent)))
            for name in ("golden", "votes", "trial", "regression")
            if (own := getattr(once, name))
        },
        answers={
            name: in_clusters(own, draw.integers(1, 30, len(own.incumbent))) for name, own in once.answers.items()
        },
    )
    few = Limits(luck=Luck(randomisations=500, draws=2000))
    alone, together = decide(once, few), decide(repeated, few)
    assert together.promote == alone.promote
    for name in ("golden", "votes", "trial", "regression"):
        expected, seen = dict(alone.report[name]), dict(together.report[name])
        assert seen.pop("questions") > expected.pop("questions") == seen["n"]
        assert seen == pytest.approx(expected)
    assert together.report.get("takes") == alone.report.get("takes")
    for name in ANSWERS:
        once_, often = alone.report["answers"][name], together.report["answers"][name]
        assert (often["n"], often["p_worse"]) == (once_["n"], pytest.approx(once_["p_worse"]))


def test_luck_that_befalls_whole_clusters_promotes_no_more_often_than_promised() -> None:
    quick = Limits(luck=Luck(randomisations=400, draws=2000))
    promoted = 0
    for seed in range(300):
        draw = np.random.default_rng(seed)
        golden, votes, trial = (
            in_clusters(Paired(np.zeros(n), draw.normal(0, 0.29, n)), draw.geometric(0.15, n)) for n in (60, 120, 40)
        )
        promoted += decide(replace(GOOD, golden=golden, votes=votes, trial=trial), quick, seed=seed).promote
    assert promoted / 300 < 0.08


def test_the_report_has_means_before_and_after_and_the_questions_that_changed_most() -> None:
    before, after = np.full(80, 0.5), np.full(80, 0.5)
    after[:40] += 0.25
    slice_ = np.arange(80) < 40
    change = Change(Anchor("pair", 7), (0.5, 0.75), (3, 1))
    evidence = replace(GOOD, golden=Paired(before, after, {"voted": slice_}), regression=paired(50, 0.0))
    report = decide(replace(evidence, changes=(change,))).report

    assert (report["golden"]["before"], report["golden"]["after"]) == (0.5, 0.625)
    assert report["golden"]["error"] == pytest.approx(0.0141, abs=1e-4)
    assert (report["slices"]["voted"]["n"], report["slices"]["voted"]["after"]) == (40, 0.75)
    assert report["regression"].keys() >= {"before", "after", "error"}
    assert [kept["id"] for kept in report["changed"]["better"]] == [7]
