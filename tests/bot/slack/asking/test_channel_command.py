"""`/nightshift`: who may change when the bot answers, and what everybody reads of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from slack_bolt.async_app import AsyncBoltRequest

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.asking import channel_command
from bot.slack.asking.channel_command import COMMAND, MEANINGS
from db.settings import Settings
from db.slack import answers_in
from db.store import create_engine
from tests.corpus import encoders
from tests.doubles_slack import ANNA, BERT, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack, command_request, refused

OPEN = {"is_channel": True, "is_private": False, "is_member": True, "creator": ANNA}


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    slack.answers["conversations.info"] = [{"channel": OPEN}]
    async with slack.running():
        yield slack


async def use(slack: OwnSlack, engine: sa.Engine, text: str, user: str = ANNA, admins: str = "") -> dict[str, Any]:
    """Uses the command; what is said, and to whom."""
    settings = Settings(
        data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url, slack_admins=admins
    )
    app = build_app(settings, engine, Answerer(engine, settings, encoders(), None))
    body, headers = command_request(user, COMMAND, text, response_url=f"{slack.api_url}said")
    used = await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))
    assert used.status == 200 and not used.body
    await app.work.finish(20)
    [said] = slack.of("said")
    return said


@pytest.mark.parametrize(("text", "answers"), [("always", "always"), (" OFF ", "off"), ("mention", "mention")])
async def test_who_made_the_channel_changes_it_and_all_read_so(
    slack: OwnSlack, engine: sa.Engine, text: str, answers: Any
) -> None:
    said = await use(slack, engine, text)
    assert said["response_type"] == "in_channel"
    assert said["text"] == f"<@{ANNA}> has set when I answer: from now on {MEANINGS[answers]}."
    assert answers_in(engine, TEAM, HTTP_CHANNEL) == answers


async def test_an_admin_may_and_nobody_else(slack: OwnSlack, engine: sa.Engine) -> None:
    said = await use(slack, engine, "always", BERT)
    assert (said["text"], said["response_type"]) == (channel_command.NOT_ALLOWED, "ephemeral")
    assert answers_in(engine, TEAM, HTTP_CHANNEL) == "mention"
    slack.calls.clear()
    assert (await use(slack, engine, "always", BERT, admins=f"U0OTHER, {BERT}"))["response_type"] == "in_channel"
    assert answers_in(engine, TEAM, HTTP_CHANNEL) == "always"


@pytest.mark.parametrize("text", ["", "help", "on"])
async def test_anybody_is_told_how_it_is_and_how_to_change_it(slack: OwnSlack, engine: sa.Engine, text: str) -> None:
    said = await use(slack, engine, text, BERT)
    assert said["text"].startswith(MEANINGS["mention"]) and f"{COMMAND} always" in said["text"]
    assert said["response_type"] == "ephemeral"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (refused("channel_not_found"), channel_command.NOT_A_MEMBER),
        ({"channel": OPEN | {"is_member": False}}, channel_command.NOT_A_MEMBER),
        ({"channel": {"is_im": True}}, channel_command.DIRECT),
    ],
)
async def test_where_there_is_nothing_to_set_it_says_so(
    slack: OwnSlack, engine: sa.Engine, found: dict[str, Any], said: str
) -> None:
    slack.answers["conversations.info"] = [found]
    assert (await use(slack, engine, "always"))["text"] == said
    assert answers_in(engine, TEAM, HTTP_CHANNEL) == "mention"


async def test_a_failure_is_one_sentence(slack: OwnSlack) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    assert (await use(slack, away, "always"))["text"] == channel_command.FAILED


async def test_where_slack_takes_no_word_of_the_change_it_is_made_all_the_same(
    slack: OwnSlack, engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    slack.answers["said"] = [(404, {}, {"ok": False})]
    await use(slack, engine, "always")
    assert answers_in(engine, TEAM, HTTP_CHANNEL) == "always"
    assert f"Couldn't say that {HTTP_CHANNEL} was changed" in caplog.text
