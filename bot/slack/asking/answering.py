"""A question from Slack, from the event to the answer in its thread: claimed once, and never met with silence."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.slack.asking.payloads import QuestionMessage
from bot.slack.asking.private_reply import PrivateReply
from bot.slack.asking.quotas import Quotas
from bot.slack.asking.reply import Reply, Support, ThreadReply
from bot.slack.asking.turns import Turn, Turns
from bot.slack.channel import channel_kind
from bot.slack.client import LOGGER, error_code
from bot.slack.failures import count_quietly
from bot.slack.whispers import tell
from db.errors import AudienceUnknownError, BadInputError, EmptyCorpusError
from db.question import LLM_STEP, Asked
from db.questions import remember_message
from db.slack_events import abandoned_events, claim_event, finish_event, release_event

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.answer import Answerer

NO_QUESTION = "Ask me a question, and I'll look for the answer in the documents."
FAILED = "Something went wrong on my side, so I have no answer. Please ask again in a minute."
STOPPED = "I was stopped before I had an answer. Please ask again in a minute."

LLM_FALLBACK = "llm_fallback"
"""What is counted where quotes stand in for what the language model should have written."""

_REMEMBERED_APOLOGIES = 1_000
_EXPLAINED = (AudienceUnknownError, BadInputError, EmptyCorpusError)
"""Errors whose sentence is meant for the person, and that asking again wouldn't change."""

_log = logging.getLogger(LOGGER)


Condition = Callable[[QuestionMessage, Turn], Awaitable[bool]]
"""Whether a message is a question to the bot; it may wait for the message's turn to find out."""


class Answering:
    """Answers messages; one instance a process."""

    def __init__(self, client: AsyncWebClient, engine: sa.Engine, answerer: Answerer, quotas: Quotas) -> None:
        self._client = client
        self._engine = engine
        self._answerer = answerer
        self._quotas = quotas
        self._support = Support()
        self._turns = Turns()
        self._under_way: set[str] = set()
        self._apologised: OrderedDict[str, None] = OrderedDict()

    async def answer(self, message: QuestionMessage, is_asked: Condition | None = None) -> None:
        """Answers one message, however often and under how many events it is delivered; after those before it.

        Its place among those of its thread is taken before anything else is waited for. What `is_asked` then says no
        to is left alone: it is neither stored nor answered. Every failure ends in one plain sentence to the person, is
        counted, and gives the claim back for Slack's next try.
        """
        async with self._turns.queued(_queue(message)) as my_turn:
            if is_asked is None or await is_asked(message, my_turn):
                await self._answer_in_turn(message, my_turn)

    async def _answer_in_turn(self, message: QuestionMessage, my_turn: Turn) -> None:
        if message.key in self._under_way:
            return
        self._under_way.add(message.key)
        reply = self._reply_to(message)
        is_mine = False
        try:
            # Claimed before the wait: should this process die meanwhile, another one finds the question.
            is_mine = await asyncio.to_thread(claim_event, self._engine, message.key, payload=asdict(message))
            if is_mine:
                await my_turn()
                await self._answer_claimed(message, reply)
        except asyncio.CancelledError:
            await self._give_up(message, reply, STOPPED, "stopped", is_mine)
            raise
        except Exception as error:
            _log.error("No answer to %s: %s.", message.key, error_code(error))
            await self._give_up(message, reply, FAILED, error_code(error), is_mine)
        finally:
            self._under_way.discard(message.key)

    async def warm_up(self) -> None:
        """Makes ready for the first question; where there is nothing to answer from yet, there is nothing to do."""
        with suppress(EmptyCorpusError):
            await self._answerer.warm_up()

    async def abandoned(self) -> list[QuestionMessage]:
        """Questions whose process died after it had acknowledged them: nobody else will bring them again."""
        return [
            QuestionMessage(**payload | {"authors": tuple(payload.get("authors", ()))})
            for payload in await asyncio.to_thread(abandoned_events, self._engine)
        ]

    def _reply_to(self, message: QuestionMessage) -> Reply:
        if message.response_url:
            return PrivateReply(message)
        return ThreadReply(self._client, message, self._support)

    async def _answer_claimed(self, message: QuestionMessage, reply: Reply) -> None:
        if not message.text:
            await reply.say(NO_QUESTION)
        else:
            async with self._quotas.admit(message) as refusal:
                if refusal is None:
                    await self._look_up_or_explain(message, reply)
                else:
                    await self._say_to_asker(message, reply, refusal)
        await self._despite_errors(finish_event, self._engine, message.key)
        await self._count(*reply.troubles)

    async def _say_to_asker(self, message: QuestionMessage, reply: Reply, sentence: str) -> None:
        """Says what concerns nobody else in a channel."""
        if message.response_url or message.channel_type == "im":
            await reply.say(sentence)
        else:
            await tell(self._client, message.channel, message.user, sentence, message.thread_ts)

    async def _look_up_or_explain(self, message: QuestionMessage, reply: Reply) -> None:
        try:
            await self._look_up(message, reply)
        except _EXPLAINED as error:
            await self._count(error_code(error))
            await reply.say(str(error))

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
            thread_ts=message.thread_ts or message.ts or None,
            event_id=message.key,
            authors=tuple(message.authors),
        )
        answer = await self._answerer.answer(asked, reply.show_text)
        if answer.kind == "quoted" and LLM_STEP in answer.timings_ms:
            await self._count(LLM_FALLBACK)
        # Before it is shown, where there is a message already: whoever reacts at once must find it known.
        await self._remember(message, reply, answer.question_id)
        await reply.show_answer(answer)
        await self._remember(message, reply, answer.question_id)

    async def _remember(self, message: QuestionMessage, reply: Reply, question_id: int) -> None:
        for message_ts in reply.posted:
            place = (self._engine, message.team, message.channel)
            await self._despite_errors(remember_message, *place, message_ts, question_id)

    async def _give_up(self, message: QuestionMessage, reply: Reply, sentence: str, kind: str, is_mine: bool) -> None:
        """Says so, once a message, and lets the next delivery try again; a claim of another process stays its own."""
        try:
            if message.key not in self._apologised:
                self._apologised[message.key] = None
                if len(self._apologised) > _REMEMBERED_APOLOGIES:
                    self._apologised.popitem(last=False)
                await reply.say(sentence)
        except Exception as error:
            _log.error("Couldn't even say so in %s: %s.", message.channel, error_code(error))
        if is_mine:
            await self._despite_errors(release_event, self._engine, message.key)
        await self._count(kind, *reply.troubles)

    async def _count(self, *kinds: str) -> None:
        for kind in kinds:
            await asyncio.to_thread(count_quietly, self._engine, kind)

    async def _despite_errors(self, note: Callable[..., None], *args: object) -> None:
        """Notes something in the database; failing to is logged, since the person has been answered by now."""
        try:
            await asyncio.to_thread(note, *args)
        except Exception as error:
            _log.error("%s failed: %s.", note.__name__, error_code(error))


def _queue(message: QuestionMessage) -> str:
    """A thread's name; what is in none, a command, is a queue of its own."""
    thread_ts = message.thread_ts or message.ts
    return f"{message.team}:{message.channel}:{thread_ts}" if thread_ts else message.key
