"""The running bot in a local-slack, what it stored, and how people ask it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.answering import Answerer, OnText, connect_language_model
from bot.slack.app import build_app
from bot.slack.transport import SlackApp, serve_slack
from db import schema
from db.question import Answer, Asked
from db.settings import Settings
from tests.corpus import encoders
from tests.doubles_slack import (
    ANNA,
    BOT,
    HTTP_CHANNEL,
    TEAM,
    Message,
    People,
    wait_until,
)

QUESTION = "Where can visitors park their car?"
UP, DOWN = 0, 1


class CountingAnswerer(Answerer):
    """The real one, which also counts."""

    asked = 0

    async def answer(self, asked: Asked, on_text: OnText | None = None) -> Answer:
        self.asked += 1
        return await super().answer(asked, on_text)


class Bot:
    """The running bot, and what it stored."""

    def __init__(self, engine: sa.Engine, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings
        self.answerer = CountingAnswerer(engine, settings, encoders(), connect_language_model(settings))
        self.app: SlackApp = build_app(settings, engine, self.answerer)

    @property
    def address(self) -> str:
        """Where it takes Slack's HTTP requests."""
        return f"http://127.0.0.1:{self.settings.http_port}/slack/events"

    def votes(self, person: str = ANNA) -> dict[int, tuple[int, float]]:
        """Live votes of one person: value and weight by the source's number."""
        vote, citation = schema.vote, schema.citation
        wanted = (
            sa.select(citation.c.number, vote.c.value, vote.c.weight)
            .join_from(vote, citation, vote.c.citation_id == citation.c.id)
            .where(vote.c.person == f"{TEAM}:{person}")
        )
        with self.engine.connect() as connection:
            return {number: (value, round(weight, 6)) for number, value, weight in connection.execute(wanted)}

    def count(self, table: sa.Table) -> int:
        """Rows of a table."""
        with self.engine.connect() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)

    async def has_votes(self, wanted: dict[int, tuple[int, float]], person: str = ANNA) -> None:
        """Waits until these, and no others, are a person's live votes."""
        await wait_until(lambda: self.votes(person) == wanted, f"votes {wanted}")


async def run_bot(engine: sa.Engine, **changes: Any) -> AsyncIterator[Bot]:
    settings = Settings(data_dir=Path("unused"), encoder_dtype="float32", **changes)
    running = Bot(engine, settings)
    stop, ready = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve_slack(running.app, settings, stop, lambda address: ready.set()))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        waiting.cancel()
        await serving
    yield running
    stop.set()
    await serving


def rows(message: Message) -> list[str]:
    """The sources' rows of an answer."""
    return [block["text"]["text"] for block in message["blocks"] if block["type"] == "section"][1:]


async def ask(people: People, channel: str = HTTP_CHANNEL, bot_user: str = BOT) -> tuple[Message, Message]:
    """Anna asks by a mention; the question and its answer."""
    asked = await people.write(ANNA, channel, f"<@{bot_user}> {QUESTION}")
    return asked, await people.sees_answer(asked)
