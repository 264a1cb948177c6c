"""A question from Slack, from the event to the answer in its thread: claimed once, and never met with silence."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.slack.channel import channel_kind
from bot.slack.client import LOGGER, error_code
from bot.slack.payloads import QuestionMessage
from bot.slack.render import render_answer
from bot.slack.reply import Reply, StatusSupport
from db.errors import AudienceUnknownError, BadInputError, EmptyCorpusError
from db.question import Asked
from db.questions import remember_message
from db.slack_events import abandoned_events, claim_event, finish_event, release_event

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.answer import Answerer

NO_QUESTION = "Ask me a question, and I'll look for the answer in the documents."
FAILED = "Something went wrong on my side, so I have no answer. Please ask again in a minute."
STOPPED = "I was stopped before I had an answer. Please ask again in a minute."

_REMEMBERED_APOLOGIES = 1_000
_EXPLAINED = (AudienceUnknownError, BadInputError, EmptyCorpusError)
"""Errors whose sentence is meant for the person, and that asking again wouldn't change."""

_log = logging.getLogger(LOGGER)


class Answering:
    """Answers messages; one instance a process."""

    def __init__(self, client: AsyncWebClient, engine: sa.Engine, answerer: Answerer) -> None:
        self._client = client
        self._engine = engine
        self._answerer = answerer
        self._status = StatusSupport()
        self._apologised: OrderedDict[str, None] = OrderedDict()

    async def answer(self, message: QuestionMessage) -> None:
        """Answers one message, however often and under how many events it is delivered.

        Every failure ends in one plain sentence in the thread, and in the claim given back for Slack's next try.
        """
        reply = Reply(self._client, message.channel, message.thread_ts or message.ts, self._status)
        try:
            if not await asyncio.to_thread(claim_event, self._engine, message.key, payload=asdict(message)):
                return
            await self._answer_claimed(message, reply)
        except asyncio.CancelledError:
            await self._give_up(message, reply, STOPPED)
            raise
        except Exception as error:
            _log.error("No answer to %s: %s.", message.key, error_code(error))
            await self._give_up(message, reply, FAILED)

    async def abandoned(self) -> list[QuestionMessage]:
        """Questions whose process died after it had acknowledged them: nobody else will bring them again."""
        return [QuestionMessage(**payload) for payload in await asyncio.to_thread(abandoned_events, self._engine)]

    async def _answer_claimed(self, message: QuestionMessage, reply: Reply) -> None:
        if not message.text:
            await reply.say(NO_QUESTION)
        else:
            try:
                await self._look_up(message, reply)
            except _EXPLAINED as error:
                await reply.say(str(error))
        await self._despite_errors(finish_event, self._engine, message.key)

    async def _look_up(self, message: QuestionMessage, reply: Reply) -> None:
        kind, _ = await asyncio.gather(
            channel_kind(self._client, message), reply.show_loading(), return_exceptions=True
        )
        if isinstance(kind, BaseException):
            raise kind
        asked = Asked(
            text=message.text,
            workspace=message.team,
            channel=message.channel,
            channel_kind=kind,
            person=message.person,
            thread_ts=message.thread_ts or message.ts,
            event_id=message.key,
        )
        answer = await self._answerer.answer(asked)
        place, loading_ts = (self._engine, message.team, message.channel), reply.posted_ts
        if loading_ts is not None:
            # Before it is shown: whoever reacts at once must find it known.
            await asyncio.to_thread(remember_message, *place, loading_ts, answer.question_id)
        shown_ts = await reply.show(await asyncio.to_thread(render_answer, answer))
        if shown_ts != loading_ts:
            await self._despite_errors(remember_message, *place, shown_ts, answer.question_id)

    async def _give_up(self, message: QuestionMessage, reply: Reply, sentence: str) -> None:
        """Says so, once a message, and lets the next delivery try again."""
        try:
            if message.key not in self._apologised:
                self._apologised[message.key] = None
                if len(self._apologised) > _REMEMBERED_APOLOGIES:
                    self._apologised.popitem(last=False)
                await reply.say(sentence)
        except Exception as error:
            _log.error("Couldn't even say so in %s: %s.", message.channel, error_code(error))
        await self._despite_errors(release_event, self._engine, message.key)

    async def _despite_errors(self, note: Callable[..., None], *args: object) -> None:
        """Notes something in the database; failing to is logged, since the person has been answered by now."""
        try:
            await asyncio.to_thread(note, *args)
        except Exception as error:
            _log.error("%s failed: %s.", note.__name__, error_code(error))
