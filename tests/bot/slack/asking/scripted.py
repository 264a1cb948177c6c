"""Questions whose answers the tests write, and what the bot makes of them in Slack and in the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import sqlalchemy as sa

from bot.answering import OnText
from bot.answering.answer import Answer, Answerer, Asked
from bot.slack.asking.answering import Answering
from bot.slack.asking.questions import Questions
from bot.slack.asking.quotas import Quotas
from bot.slack.incoming import QuestionMessage
from bot.slack.transport import make_client
from db import schema
from db.answers import store_answer
from db.question import Draft
from db.settings import Settings
from tests.corpus import add_base_generation, encoders
from tests.doubles_slack import ANNA, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack

MESSAGE = QuestionMessage(TEAM, HTTP_CHANNEL, "channel", ANNA, "1.5", None, "Where do I park?", shared=False)


class ScriptedAnswerer(Answerer):
    """Answers as it is told; a question's text goes nowhere."""

    def __init__(self, engine: sa.Engine, script: Callable[[Asked], Awaitable[Answer]]) -> None:
        super().__init__(engine, Settings(data_dir=Path("unused")), encoders(), None)
        self._script = script

    async def answer(self, asked: Asked, on_text: OnText | None = None) -> Answer:
        return await self._script(asked)


def make_questions(
    slack: OwnSlack, engine: sa.Engine, script: Callable[[Asked], Awaitable[Answer]] | None = None
) -> Questions:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    answerer = ScriptedAnswerer(engine, script) if script else Answerer(engine, settings, encoders(), None)
    client = make_client(settings)
    return Questions(client, engine, Answering(client, engine, answerer, Quotas(engine, settings)))


def stored(engine: sa.Engine) -> Callable[[Asked], Awaitable[Answer]]:
    """Stores an answer without sources, as the real one does when it finds nothing."""
    generation = add_base_generation(engine)

    async def answer(asked: Asked) -> Answer:
        draft = Draft(asked.text, (1,), generation.id, "unknown", "I don't know.", [], [], {})
        return await asyncio.to_thread(store_answer, engine, asked, draft)

    return answer


def raising(error: Exception) -> Callable[[Asked], Awaitable[Answer]]:
    async def answer(asked: Asked) -> Answer:
        raise error

    return answer


def said(slack: OwnSlack) -> list[str]:
    """What the bot posted or changed a message into."""
    return [words["text"] for method, words in slack.calls if method in ("chat.postMessage", "chat.update")]


def event_row(engine: sa.Engine) -> tuple[bool, int]:
    """Whether the message's event is done, and how often it was claimed."""
    event = schema.slack_event.c
    with engine.connect() as connection:
        row = connection.execute(sa.select(event.done_at, event.attempts).where(event.event_id == MESSAGE.key)).one()
    return row.done_at is not None, row.attempts
