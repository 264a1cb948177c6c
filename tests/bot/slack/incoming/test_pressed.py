"""What is read out of presses and modals, and what is passed over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.slack.incoming.pressed import Press, Submission, read_press, read_submission
from tests.doubles_slack import ANNA, HTTP_CHANNEL, TEAM

WEIRD: list[Any] = [None, [], "x", 5, {}, {"id": 5}, [None], {"blocks": [5]}]


def press(**changes: Any) -> dict[str, Any]:
    action = {"action_id": "vote_down", "value": "cite1", "action_ts": "7.25"}
    return {
        "team": {"id": TEAM},
        "user": {"id": ANNA, "team_id": "T0OTHER"},
        "channel": {"id": HTTP_CHANNEL},
        "message": {"thread_ts": "1.5", "text": "Park there.", "blocks": [{"type": "section"}]},
        "trigger_id": "t1",
        "actions": [action | changes],
    }


def submission(**values: Any) -> dict[str, Any]:
    return {
        "team": {"id": TEAM},
        "user": {"id": ANNA},
        "view": {"private_metadata": "cite1", "state": {"values": values}},
    }


def test_a_press_names_the_persons_own_workspace() -> None:
    assert read_press(press()) == Press(
        team="T0OTHER",
        user=ANNA,
        action_id="vote_down",
        value="cite1",
        occurred_ts=Decimal("7.25"),
        channel=HTTP_CHANNEL,
        thread_ts="1.5",
        trigger_id="t1",
        text="Park there.",
        blocks=({"type": "section"},),
    )


def test_a_press_under_an_ephemeral_message_comes_without_that_message() -> None:
    read = read_press({name: part for name, part in press().items() if name != "message"})
    assert read is not None and (read.text, read.blocks, read.thread_ts) == ("", (), None)


@pytest.mark.parametrize(
    "changes", [{"action_id": None}, {"action_ts": "-1"}, {"action_ts": "1e999"}, {"action_ts": ""}]
)
def test_other_actions_are_passed_over(changes: dict[str, Any]) -> None:
    assert read_press(press(**changes)) is None


def test_a_modal_is_read_by_its_blocks_and_what_was_left_empty_is_left_out() -> None:
    chosen = {"reason": {"type": "radio_buttons", "selected_option": {"value": "outdated"}}}
    written = {"right": {"type": "plain_text_input", "value": " Paid leave "}}
    empty = {"other": {"type": "plain_text_input", "value": None}}
    assert read_submission(submission(reason=chosen, right=written, other=empty)) == Submission(
        TEAM, ANNA, "cite1", {"reason": "outdated", "right": "Paid leave"}
    )


@pytest.mark.parametrize("weird", WEIRD)
@pytest.mark.parametrize(
    "field", ["event", "team_id", "event_id", "actions", "user", "team", "message", "container", "channel", "view"]
)
def test_misshapen_payloads_raise_nothing(field: str, weird: Any) -> None:
    read_press(press() | {field: weird})
    read_submission(submission(reason=weird) | {field: weird})
    read_submission(submission(reason={"reason": weird}))
