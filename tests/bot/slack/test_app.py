"""What the app listens to, and what it leaves alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.bot.slack.transport.test_bolt_app import deliver, make_app
from tests.doubles_slack import ANNA, BOT, OwnSlack


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message", "user": BOT, "text": f"<@{BOT}> me"},
        {"type": "message", "bot_id": "B0NIGHT", "text": f"<@{BOT}> me"},
        {"type": "message", "subtype": "message_changed", "message": {"text": f"<@{BOT}> x"}},
        {"type": "message", "subtype": "channel_join", "user": ANNA, "text": f"<@{BOT}> has joined"},
        {"type": "message", "channel_type": "channel", "user": ANNA, "text": "not for the bot"},
        {"type": "reaction_added", "user": BOT, "reaction": "+1", "item": {"type": "message", "channel": "C1"}},
    ],
    ids=lambda event: json.dumps(event)[:60],
)
async def test_what_is_not_for_the_bot_is_left_alone(event: dict[str, Any]) -> None:
    slack = OwnSlack()
    async with slack.running() as api_url:
        assert await deliver(make_app(slack_api_url=api_url), event) == 200
    assert [method for method, _ in slack.calls] == ["auth.test"]
