"""The bot is killed while it takes in what Slack sent: before the acknowledgement or after it, nothing is lost."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from slack_bolt.async_app import AsyncBoltRequest

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.transport import SlackApp
from db import schema
from db.answers import remember_message
from db.settings import Settings
from tests.corpus import ASKED, add_answer, add_base_generation, encoders
from tests.doubles_slack import ANNA, BOT, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack, event_request

# Takes one delivery, and is gone before or behind one of its own functions.
TAKE_AND_DIE = """
import asyncio, importlib, os, sys
from pathlib import Path
from slack_bolt.async_app import AsyncBoltRequest
from bot.answering.answer import Answerer
from bot.slack.app import build_app
from db.generations.encoders import Encoders
from db.store.engine import create_engine
from db.settings.settings import Settings

url, api_url, token, body, module, name, when = sys.argv[1:]
place = importlib.import_module(module)
function = getattr(place, name)

def die(*args, **kwargs):
    if when == "behind":
        function(*args, **kwargs)
    for _ in range(100):  # whatever was to be said by now is said
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()
    os._exit(9)

setattr(place, name, die)
settings = Settings(data_dir=Path("unused"), slack_bot_token=token, slack_api_url=api_url)
engine = create_engine(url)
app = build_app(settings, engine, Answerer(engine, settings, Encoders(settings), None))

async def take():
    global loop
    loop = asyncio.get_running_loop()
    request = AsyncBoltRequest(body=body, headers={"content-type": "application/json"})
    print((await app.async_dispatch(request)).status, flush=True)
    await app.finish(30)

asyncio.run(take())
"""
REACTED = {
    "type": "reaction_added",
    "reaction": "+1",
    "user": ANNA,
    "event_ts": "9.5",
    "item": {"type": "message", "channel": HTTP_CHANNEL, "ts": "2.5"},
}
ASKS = {"type": "app_mention", "channel": HTTP_CHANNEL, "user": ANNA, "ts": "1.5", "text": f"<@{BOT}> Where do I park?"}


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


@pytest.fixture
def app(slack: OwnSlack, engine: sa.Engine) -> SlackApp:
    """Another process, or the next."""
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    return build_app(settings, engine, Answerer(engine, settings, encoders(), None))


def rows(engine: sa.Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


Kill = Callable[[dict[str, Any], str, str, str], Any]


@pytest.fixture
def taken_and_killed(start_python: Callable[..., subprocess.Popen[str]], slack: OwnSlack, database_url: str) -> Kill:
    """Lets a process take an event and die there; returns what it had told Slack by then."""

    async def kill(event: dict[str, Any], module: str, name: str, when: str) -> str:
        body, _ = event_request(event, "Ev1")
        process = start_python(TAKE_AND_DIE, database_url, slack.api_url, BOT_TOKEN, body.decode(), module, name, when)
        output, errors = await asyncio.to_thread(process.communicate, timeout=120)
        assert process.returncode == 9, errors
        return output.strip()

    return kill


async def deliver(app: SlackApp, event: dict[str, Any]) -> int:
    body, headers = event_request(event, "Ev1")
    answered = await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))
    await app.finish(30)
    return answered.status


@pytest.mark.parametrize("when", ["before", "behind"])
async def test_a_reaction_is_not_acknowledged_before_it_is_stored(
    engine: sa.Engine, app: SlackApp, taken_and_killed: Kill, when: str
) -> None:
    answer = add_answer(engine, 1, ASKED)
    with engine.begin() as connection:
        connection.execute(sa.update(schema.question).values(workspace=TEAM, channel=HTTP_CHANNEL))
    remember_message(engine, TEAM, HTTP_CHANNEL, "2.5", answer.question_id)
    assert await taken_and_killed(REACTED, "bot.slack.votes.voting", "record_vote", when) == ""
    assert rows(engine, schema.vote_event) == (when == "behind")
    assert await deliver(app, REACTED) == 200  # so Slack sends it again
    assert rows(engine, schema.vote_event) == 1


async def test_a_question_is_not_acknowledged_before_it_is_claimed(
    engine: sa.Engine, slack: OwnSlack, app: SlackApp, taken_and_killed: Kill
) -> None:
    add_base_generation(engine)
    assert await taken_and_killed(ASKS, "bot.slack.transport.leased", "lease_event", "before") == ""
    assert rows(engine, schema.slack_event) == 0
    assert await deliver(app, ASKS) == 200
    assert rows(engine, schema.question) == 1


async def test_a_question_that_was_acknowledged_is_found_without_slack(
    engine: sa.Engine, slack: OwnSlack, app: SlackApp, taken_and_killed: Kill
) -> None:
    add_base_generation(engine)
    assert await taken_and_killed(ASKS, "bot.answering.answer", "reply_audiences", "before") == "200"
    assert rows(engine, schema.question) == 0
    with engine.begin() as connection:
        minutes_ago = sa.func.clock_timestamp() - sa.text("interval '3 minutes'")
        connection.execute(sa.update(schema.slack_event).values(claimed_at=minutes_ago))
    await app.services.answer_abandoned()
    await app.finish(30)
    assert rows(engine, schema.question) == 1
