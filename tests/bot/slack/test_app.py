"""What the app listens to, and what it leaves alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_bolt.async_app import AsyncBoltRequest

from bot.slack.asking.shortcut import ANSWER_THIS
from tests.bot.slack.transport.test_bolt_app import deliver, make_app
from tests.doubles_slack import ANNA, BOT, OwnSlack, press_request, shortcut_request


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


@pytest.mark.parametrize(
    "action_id", ["vote_up", "share_answer", "home_page_older", "home_export", "decide_promote", "right_source"]
)
async def test_a_press_that_says_too_little_is_acknowledged_and_does_nothing(action_id: str) -> None:
    slack = OwnSlack()
    async with slack.running() as api_url:
        app = make_app(slack_api_url=api_url)
        body, headers = press_request(ANNA, "abc", action_id, action_ts="no time", response_url=f"{api_url}said")
        answer = await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))
        await app.finish(10)
    assert answer.status == 200
    assert [method for method, _ in slack.calls] == ["auth.test"]


async def test_a_shortcut_on_what_is_no_message_is_acknowledged_and_does_nothing() -> None:
    slack = OwnSlack()
    async with slack.running() as api_url:
        app = make_app(slack_api_url=api_url)
        body, headers = shortcut_request(ANNA, ANSWER_THIS, {}, response_url=f"{api_url}said")
        answer = await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))
        await app.finish(10)
    assert answer.status == 200
    assert [method for method, _ in slack.calls] == ["auth.test"]
