"""The message shortcut: a chosen message is answered once, and who chose it hears where, or why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from slack_bolt.async_app import AsyncBoltRequest

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.asking import shortcut
from bot.slack.asking.shortcut import ANSWER_THIS
from bot.slack.asking.ways_in import OFF
from db.errors import EmptyCorpusError
from db.settings import Settings
from db.slack import set_answers
from db.store import create_engine
from tests.corpus import encoders
from tests.doubles_slack import (
    ANNA,
    BERT,
    BOT_TOKEN,
    HTTP_CHANNEL,
    TEAM,
    OwnSlack,
    refused,
    shortcut_request,
)

OPEN = {"is_channel": True, "is_private": False, "is_member": True}
MESSAGE = {"type": "message", "user": BERT, "ts": "1.5", "thread_ts": "1.0", "text": "Where do <@U1> &amp; I park?"}


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    slack.answers["conversations.info"] = [{"channel": OPEN}]
    async with slack.running():
        yield slack


async def choose(
    slack: OwnSlack, engine: sa.Engine, times: int = 1, message: dict[str, Any] | None = None
) -> list[str]:
    """Chooses the message's shortcut; what is said to who did."""
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    app = build_app(settings, engine, Answerer(engine, settings, encoders(), None))
    for _ in range(times):
        body, headers = shortcut_request(ANNA, ANSWER_THIS, message or MESSAGE, response_url=f"{slack.api_url}said")
        chosen = await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))
        assert chosen.status == 200
        await app.work.finish(20)
    return [said["text"] for said in slack.of("said")]


async def test_it_is_answered_once_in_the_messages_thread(slack: OwnSlack, engine: sa.Engine) -> None:
    assert await choose(slack, engine, times=2) == [shortcut.IN_THREAD, shortcut.IN_THREAD]
    # Nothing was ever ingested: that is the answer.
    [posted] = slack.of("chat.postMessage")
    assert (posted["thread_ts"], posted["text"]) == ("1.0", str(EmptyCorpusError()))


@pytest.mark.parametrize("found", [refused("channel_not_found"), {"channel": OPEN | {"is_member": False}}])
async def test_where_the_bot_is_no_member_it_says_so(slack: OwnSlack, engine: sa.Engine, found: dict[str, Any]) -> None:
    slack.answers["conversations.info"] = [found]
    assert await choose(slack, engine) == [shortcut.NOT_A_MEMBER]
    assert slack.of("chat.postMessage") == []


async def test_where_the_bot_is_off_it_says_so_every_time(slack: OwnSlack, engine: sa.Engine) -> None:
    set_answers(engine, TEAM, HTTP_CHANNEL, "off", f"{TEAM}:{BERT}")
    assert await choose(slack, engine, times=2) == [OFF, OFF]
    assert slack.of("chat.postMessage") == []


@pytest.mark.parametrize("text", ["", "thanks!", ":tada:"])
async def test_a_message_that_asks_nothing_is_not_answered_before_all(
    slack: OwnSlack, engine: sa.Engine, text: str
) -> None:
    assert await choose(slack, engine, message=MESSAGE | {"text": text}) == [shortcut.NO_QUESTION]
    assert slack.of("chat.postMessage") == []


async def test_without_a_database_who_chose_it_is_told_to_try_again(slack: OwnSlack) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    assert await choose(slack, away) == [shortcut.FAILED]
    assert slack.of("chat.postMessage") == []
