"""What the app listens to, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from slack_bolt.async_app import AsyncBoltRequest

from bot.answer import Answerer
from bot.slack.app import build_app
from bot.slack.bolt_app import SlackApp
from db.engine import create_engine
from db.settings import Settings
from tests.corpus import encoders
from tests.doubles_slack import ANNA, BOT, BOT_TOKEN, HTTP_CHANNEL, OwnSlack, event_request


@pytest.fixture
def engine() -> sa.Engine:
    """Of a database that isn't there."""
    return create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")


def make_app(engine: sa.Engine, **changes: Any) -> SlackApp:
    values: dict[str, Any] = {"data_dir": Path("unused"), "slack_bot_token": BOT_TOKEN}
    settings = Settings(**(values | changes))
    return build_app(settings, engine, Answerer(engine, settings, encoders(), None))


async def deliver(app: SlackApp, event: dict[str, Any]) -> int:
    body, headers = event_request({"channel": HTTP_CHANNEL, "ts": "1.5"} | event, "Ev1")
    answer = await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))
    await app.finish(10)
    return answer.status


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
async def test_what_is_not_for_the_bot_is_left_alone(engine: sa.Engine, event: dict[str, Any]) -> None:
    slack = OwnSlack()
    async with slack.running() as api_url:
        assert await deliver(make_app(engine, slack_api_url=api_url), event) == 200
    assert [method for method, _ in slack.calls] == ["auth.test"]
