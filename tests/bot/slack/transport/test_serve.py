"""Stopping while a question is being answered: a bounded wait, and nobody is left without a word."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa

from bot.answering import Answerer, OnText
from bot.slack.app import build_app
from bot.slack.asking.questions import STOPPED
from bot.slack.transport import serve
from bot.slack.transport.serve import serve_slack
from db.answers import store_answer
from db.errors import ModelError
from db.question import Answer, Asked, Draft
from db.settings import Settings
from db.store import failure_counts
from tests.corpus import add_base_generation, encoders
from tests.doubles_slack import (
    ANNA,
    BOT,
    BOT_TOKEN,
    HTTP_CHANNEL,
    SECRET,
    OwnSlack,
    event_request,
    free_port,
    wait_until,
)


class SlowAnswerer(Answerer):
    """Answers when it is let go on."""

    def __init__(self, engine: sa.Engine, settings: Settings, generation_id: int) -> None:
        super().__init__(engine, settings, encoders(), None)
        self._store = engine
        self._generation_id = generation_id
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()
        self.is_warm = False

    async def warm_up(self) -> None:
        self.is_warm = True
        raise ModelError  # which ends nothing

    async def answer(self, asked: Asked, on_text: OnText | None = None) -> Answer:
        self.asked.set()
        await self.go_on.wait()
        draft = Draft(asked.text, (1,), self._generation_id, "unknown", "I don't know.", [], [], {})
        return await asyncio.to_thread(store_answer, self._store, asked, draft)


@pytest.mark.parametrize(("lets_go_on", "said"), [(True, "I don't know."), (False, STOPPED)])
async def test_a_stop_in_the_middle_of_an_answer(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, lets_go_on: bool, said: str
) -> None:
    monkeypatch.setattr(serve, "FINISH_TIMEOUT_S", 10.0 if lets_go_on else 0.2)
    slack = OwnSlack()
    async with slack.running() as api_url:
        settings = Settings(
            data_dir=Path("unused"),
            slack_bot_token=BOT_TOKEN,
            slack_signing_secret=SECRET,
            slack_api_url=api_url,
            http_port=free_port(),
        )
        answerer = SlowAnswerer(engine, settings, add_base_generation(engine).id)
        stop = asyncio.Event()
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(
            serve_slack(build_app(settings, engine, answerer), settings, stop, ready.set_result)
        )
        address = await ready
        question = {"type": "app_mention", "channel": HTTP_CHANNEL, "user": ANNA, "ts": "1.5", "text": f"<@{BOT}> x"}
        body, headers = event_request(question, "Ev1")
        async with aiohttp.ClientSession() as session:
            async with session.post(address, data=body, headers=headers) as response:
                assert response.status == 200
            await answerer.asked.wait()
            assert answerer.is_warm
            stop.set()
            if lets_go_on:
                asyncio.get_running_loop().call_later(0.3, answerer.go_on.set)
            started = time.monotonic()
            await serving
            assert time.monotonic() - started < 9
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.post(address, data=body, headers=headers)
    assert [posted["text"] for posted in slack.of("chat.postMessage")] == [said]


async def test_a_look_that_fails_is_counted_and_the_next_one_is_taken(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "SWEEP_EVERY_S", 0.01)
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN)
    app = build_app(settings, engine, Answerer(engine, settings, encoders(), None))
    looked, told = asyncio.Event(), 0

    async def fail() -> None:
        nonlocal told
        told += 1
        if told == 2:
            looked.set()
        raise KeyError("what a person wrote")

    monkeypatch.setattr(app, "services", replace(app.services, tell_of_nights=fail))
    sweep = asyncio.create_task(serve._sweep(app))
    await asyncio.wait_for(looked.wait(), 30)
    sweep.cancel()
    assert failure_counts(engine)["KeyError"] >= 1


async def test_what_was_done_days_ago_is_forgotten_by_the_way(engine: sa.Engine) -> None:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN)
    app = build_app(settings, engine, Answerer(engine, settings, encoders(), None))
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO slack_event (event_id, done_at) VALUES ('Ev1', now() - interval '3 days')")
        )
    sweep = asyncio.create_task(serve._sweep(app))
    await wait_until(lambda: events(engine) == [], "not forgotten")
    sweep.cancel()


def events(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT event_id FROM slack_event")))
