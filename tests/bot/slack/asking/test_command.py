"""`/ask` through the app: acknowledged to who asked alone, and answered by the address that came with it."""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy as sa
from slack_bolt.async_app import AsyncBoltRequest

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.asking.command import ASK
from bot.slack.asking.reply import LOADING_TEXT
from db.errors import EmptyCorpusError
from db.settings import Settings
from tests.corpus import encoders
from tests.doubles_slack import ANNA, BOT_TOKEN, OwnSlack, command_request


async def test_only_who_asked_sees_that_and_what_is_answered(engine: sa.Engine) -> None:
    slack = OwnSlack()
    async with slack.running() as api_url:
        settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=api_url)
        app = build_app(settings, engine, Answerer(engine, settings, encoders(), None))
        body, headers = command_request(ANNA, ASK, "Where do I park?", response_url=f"{api_url}said")
        acknowledged = await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))
        await app.finish(20)
    assert acknowledged.status == 200
    assert json.loads(acknowledged.body) == {"text": LOADING_TEXT, "response_type": "ephemeral"}
    [said] = slack.of("said")
    assert (said["text"], said["response_type"]) == (str(EmptyCorpusError()), "ephemeral")
    assert slack.of("chat.postMessage") == []
