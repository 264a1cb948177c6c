"""`/ask` as it is read: a question of its channel, by one person, under a key of its own."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.asking.payloads import read_command
from tests.doubles_slack import ANNA, BOT, HTTP_CHANNEL, TEAM


def form(**changes: Any) -> dict[str, Any]:
    return {
        "team_id": TEAM,
        "channel_id": HTTP_CHANNEL,
        "user_id": ANNA,
        "text": "is <#C1|general> open &amp; free?",
        "trigger_id": "1.2.3",
        "response_url": "https://hooks.slack.example/1",
    } | changes


def test_it_is_a_question_of_its_channel() -> None:
    read = read_command(form(), BOT)
    assert read is not None
    assert (read.channel, read.person, read.text) == (HTTP_CHANNEL, f"{TEAM}:{ANNA}", "is #general open & free?")
    # Slack is asked what kind of channel it is, whatever the command says of it.
    assert read.channel_type == ""
    assert (read.key, read.response_url) == (f"command:{TEAM}:1.2.3", "https://hooks.slack.example/1")


@pytest.mark.parametrize("field", ["team_id", "channel_id", "user_id", "trigger_id", "response_url"])
@pytest.mark.parametrize("weird", [None, "", 5, {}])
def test_misshapen_commands_are_passed_over(field: str, weird: Any) -> None:
    assert read_command(form(**{field: weird}), BOT) is None
