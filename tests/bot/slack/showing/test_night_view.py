"""A night's report in Slack: figures whole, texts only where they may be shown, and buttons only where one decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.slack.showing.night_view import digest_of, render_night
from db.generations import DecisionRequest
from db.slack import NightFacts
from tests.night_rows import EVIDENCE, make_ranking_run, make_run

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def facts(**values: Any) -> NightFacts:
    texts = {("pair", 1): "how much <leave>?", ("question", 1): None}
    whole = NightFacts(make_run(), 3, serves=True, can_roll_back=True, requests=(), texts=texts)  # type: ignore[arg-type]
    return replace(whole, **values)


def shown(night: NightFacts) -> str:
    rendered = render_night(night)
    for block in rendered.blocks:
        block.validate_json()
    return "\n".join(str(block.to_dict()) for block in rendered.blocks)


def actions(night: NightFacts) -> list[str]:
    blocks = [block.to_dict() for block in render_night(night).blocks]
    return [element["action_id"] for block in blocks if block["type"] == "actions" for element in block["elements"]]


def request(outcome: str | None) -> DecisionRequest:
    return DecisionRequest(1, 3, "roll_back", "T1:U0ANN", NOW, NOW if outcome else None, outcome)


def test_it_has_the_deltas_by_slice_the_evidence_and_the_counts() -> None:
    report = shown(facts())
    for part in (
        "Night 1: promoted",
        "On 258 golden questions ndcg@10 went +0.055 (p = 0.0013): better.",
        "golden questions        258   0.597  0.652  +0.055        p 0.0013",
        "… documents with votes  120   0.640  0.710  +0.070  p worse 0.9900",
        "wrongly silent          258   0.050  0.040  -0.010  p worse 0.8000",
        "348 votes · 515 curated pairs",
    ):
        assert part in report


def test_where_some_questions_are_alike_both_counts_are_told() -> None:
    golden = EVIDENCE["golden"] | {"questions": 300}
    assert "300 in 258 clusters" in shown(facts(run=make_run(evidence=EVIDENCE | {"golden": golden})))


def test_only_texts_that_may_be_shown_are_quoted() -> None:
    report = shown(facts())
    assert "*Got better*: “how much &lt;leave&gt;?”, 1 more question\\n*Got worse*: 1 question'" in report


@pytest.mark.parametrize(
    ("night", "offered"),
    [
        (facts(), ["decide_roll_back"]),
        (facts(can_roll_back=False), []),
        (facts(serves=False), []),
        (facts(run=make_run(decision="pending"), serves=False), ["decide_promote", "decide_reject"]),
        (facts(run=make_run(decision="refused"), serves=False), []),
        (facts(requests=(request(None),)), []),
        (facts(run=make_run(decision=None, status="failed", evidence=None), generation_id=None, serves=False), []),
    ],
)
def test_what_is_offered_is_what_can_be_decided(night: NightFacts, offered: list[str]) -> None:
    assert actions(night) == offered


def test_who_asked_for_what_and_what_came_of_it() -> None:
    assert "Roll back, asked for by <@U0ANN>: the night process" in shown(facts(requests=(request(None),)))
    done = facts(requests=(request("Rolled back: generation 1 serves again."),), serves=False)
    assert "by <@U0ANN>: Rolled back: generation 1 serves again." in shown(done)
    assert digest_of(render_night(done)) == digest_of(render_night(done)) != digest_of(render_night(facts()))


def test_an_overlong_night_is_within_the_limits() -> None:
    changed = {side: EVIDENCE["changed"]["better"] * 10 for side in ("better", "worse")}
    run = make_run(reasons=["&" * 5_000] * 20, evidence=EVIDENCE | {"changed": changed})
    shown(facts(run=run, texts={("pair", 1): "&" * 5_000}, requests=(request("<!channel> " * 1_000),) * 20))


def test_a_ranking_run_tells_what_counts_otherwise_by_now() -> None:
    report = shown(facts(run=make_ranking_run()))
    assert "Ranking run 1: promoted" in report
    assert "rare ones counting more counts more: 0.35 → 0.82" in report
    assert "golden questions        258" in report
    assert "What a passage is ranked by" not in shown(facts())


def test_what_is_on_trial_is_told_of_and_may_be_promoted_or_stopped() -> None:
    told = ("Trial 4 goes <on>.", "Last look: candidate preferred on 21, incumbent on 9.")
    night = facts(run=make_run(decision="trial"), serves=False, trial=told)
    report = shown(night)
    assert "🌓 Night 1: on trial" in report
    assert "*Trial*\\nTrial 4 goes &lt;on&gt;.\\nLast look: candidate preferred on 21" in report
    assert actions(night) == ["decide_promote", "decide_reject"]
    assert actions(replace(night, requests=(request(None),))) == []
    assert actions(replace(night, trial_waits=True)) == ["decide_begin_trial", "decide_promote", "decide_reject"]
    assert "*Trial*" not in shown(facts())
    later = facts(run=make_run(decision="trial"), serves=False, trial=(*told, "More."))
    assert digest_of(render_night(later)) != digest_of(render_night(night)), "the report in Slack follows its trial"
    shown(replace(night, trial=("&" * 5_000,) * 4))
