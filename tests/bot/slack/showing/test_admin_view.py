"""What admins see: figures and gaps in plain words, and buttons only for what can be decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from slack_sdk.models.blocks import Block

from bot.slack.showing.admin_view import GAPS_SHOWN, decision_blocks, gap_blocks, health_blocks, warnings_of
from db.answers import Gap
from db.slack import Health

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def health(*, can_roll_back: bool = True) -> Health:
    return Health(3, NOW, can_roll_back, None, 10, 100, 5, 1, 7, 0.5, {"KeyError": 2})


def shown(blocks: list[Block]) -> str:
    return str([block.to_dict() for block in blocks])


def test_the_figures_are_there_before_the_first_night() -> None:
    figures = shown(health_blocks(health()))
    assert "generation 3" in figures and "none yet" in figures
    assert "50% of them 👍" in figures and "KeyError 2" in figures and "Overdue" not in figures


def test_gaps_are_counted_and_quoted_only_if_asked_in_public() -> None:
    found = shown(gap_blocks([Gap(1, None, NOW), Gap(3, "Where is the garage?", NOW)]))
    assert "not asked in public_ · once" in found and "Where is the garage? · 3 times" in found
    many = shown(gap_blocks([Gap(2, "?", NOW)] * (GAPS_SHOWN + 2)))
    assert "4 more questions about 2 other things" in many
    assert "None: every question got an answer" in shown(gap_blocks([]))


def test_there_is_a_button_for_what_can_be_decided_and_no_other() -> None:
    nothing = shown(decision_blocks(health(can_roll_back=False), []))
    assert "Nothing waits for you." in nothing and "decide_" not in nothing
    waiting = shown(decision_blocks(health(), [4]))
    assert "Generation 4 passed the gate" in waiting
    assert all(f"decide_{wanted}" in waiting for wanted in ("promote", "reject", "roll_back"))


def test_a_trial_that_waits_for_an_admin_is_begun_by_a_button() -> None:
    waiting = shown(decision_blocks(replace(health(), to_be_tried=5), []))
    assert "Generation 5 may be better: its trial waits for you to begin it." in waiting
    assert "decide_begin_trial" in waiting and "Nothing waits for you." not in waiting


def test_a_refused_model_is_named_by_its_generation() -> None:
    [warning] = warnings_of({5: "Its hash is another."})
    assert "The model of generation 5 can't be used." in warning and warning.endswith("Its hash is another.")


def test_a_trial_is_told_of_while_there_is_one() -> None:
    assert "*Trial*" not in shown(health_blocks(health()))
    told = replace(health(), trial=("Trial 4 goes <on>.", "Candidate preferred on 21, incumbent on 9."))
    assert "*Trial*: Trial 4 goes &lt;on&gt;. Candidate preferred on 21, incumbent on 9." in shown(health_blocks(told))
    for block in health_blocks(replace(told, trial=("&" * 5_000,))):
        block.validate_json()
