"""Questions from Slack, each from its event to its end: in its thread's order, once, and never met with silence.

A place in the thread's order, a claim on the event, the turn, the answer: each step leads to the next, and a failure
in any of them ends here.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from typing import TYPE_CHECKING

from cachetools import LRUCache

from bot.pools import ANSWERS, ASIDE
from bot.slack.asking.leased_reply import LeasedReply
from bot.slack.asking.private_reply import PrivateReply
from bot.slack.asking.reply import Reply, ThreadReply
from bot.slack.asking.support import Support
from bot.slack.asking.turns import Turn, Turns
from bot.slack.incoming import QuestionMessage, read_kept
from bot.slack.transport import (
    LOGGER,
    Acknowledge,
    BackgroundWork,
    Lease,
    LeaseLostError,
    count_kinds,
    despite_errors,
    error_code,
    lease,
    nobody_waits,
)
from db.answers import is_posted
from db.slack import abandoned_events, finish_event, lease_event, release_event

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.asking.answering import Answering

FAILED = "Something went wrong on my side, so I have no answer. Please ask again in a minute."
STOPPED = "I was stopped before I had an answer. Please ask again in a minute."

_REMEMBERED = 1_000  # messages

_log = logging.getLogger(LOGGER)


class Questions:
    """Has questions answered; one instance a process."""

    def __init__(self, client: AsyncWebClient, engine: sa.Engine, answering: Answering) -> None:
        self._client = client
        self._engine = engine
        self._answering = answering
        self._support = Support()
        self._turns = Turns()
        self._under_way: dict[str, asyncio.Future[bool]] = {}
        self._apologised: LRUCache[str, bool] = LRUCache(_REMEMBERED)

    def in_line(self, message: QuestionMessage) -> AbstractAsyncContextManager[Turn]:
        """A message's place among those of its thread, to be taken before anything else is waited for."""
        return self._turns.queued(_queue(message))

    async def answer(self, message: QuestionMessage, acknowledge: Acknowledge = nobody_waits) -> None:
        """Answers what is a question for certain, after those before it; see `answer_in_line`."""
        async with self.in_line(message) as my_turn:
            await self.answer_in_line(message, my_turn, acknowledge)

    async def answer_in_line(
        self, message: QuestionMessage, my_turn: Turn, acknowledge: Acknowledge = nobody_waits
    ) -> None:
        """Answers a message that has its place, however often and under how many events it is delivered.

        Every failure ends in one plain sentence to the person, is counted, and gives the claim back for Slack's next
        try. It is acknowledged as soon as it can't be lost any more, whatever dies: it is stored as claimed, or its
        person knows.
        """
        first = self._under_way.get(message.key)
        if first is not None:
            if await asyncio.shield(first):
                await acknowledge()
            return
        is_kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._under_way[message.key] = is_kept

        async def acknowledge_all(**said: object) -> None:
            is_kept.set_result(True)
            await acknowledge(**said)

        try:
            await self._claim_and_answer(message, my_turn, acknowledge_all)
        finally:
            del self._under_way[message.key]
            if not is_kept.done():
                is_kept.set_result(False)

    async def _claim_and_answer(self, message: QuestionMessage, my_turn: Turn, acknowledge: Acknowledge) -> None:
        reply = self._reply_to(message)
        claimed: Lease | None = None
        is_stored = False
        try:
            # Claimed before the wait: should this process die meanwhile, another one finds the question.
            async with lease(self._engine, message.key, asdict(message)) as claimed:
                is_stored = True
                await acknowledge()
                if claimed is not None:
                    await my_turn()
                    await self._answer_claimed(message, reply, claimed)
        except LeaseLostError:
            _log.warning("%s was taken over by another process, which answers it.", message.key)
        except asyncio.CancelledError:
            await self._give_up(message, reply, STOPPED, "stopped", claimed)
            raise
        except Exception as error:
            _log.error("No answer to %s: %s.", message.key, error_code(error))
            if await self._give_up(message, reply, FAILED, error_code(error), claimed) and not is_stored:
                await acknowledge(text="")

    async def _answer_claimed(self, message: QuestionMessage, reply: Reply, claimed: Lease) -> None:
        # An answer from long ago is known though its event is forgotten.
        if claimed.attempt > 1 or not await ANSWERS.run(is_posted, self._engine, message.key):
            await self._answering.answer(message, LeasedReply(reply, claimed))
        await despite_errors(finish_event, self._engine, message.key, claimed.attempt)
        await count_kinds(self._engine, *reply.troubles)

    async def answer_abandoned(self, work: BackgroundWork) -> None:
        """Starts work on questions that a process took and died over, this one's predecessor maybe."""
        for message in await self.abandoned():
            work.start(self.answer(message))

    async def abandoned(self) -> list[QuestionMessage]:
        """Questions whose process died after it had acknowledged them: nobody else will bring them again.

        One that can't be read, of another release maybe, keeps none of the others from being answered: it is logged by
        its id, and put away.
        """
        found = []
        for event_id, payload in await ASIDE.run(abandoned_events, self._engine):
            message = read_kept(payload)
            if message is not None and message.key == event_id:
                found.append(message)
            elif await ASIDE.run(lease_event, self._engine, event_id):
                await ASIDE.run(finish_event, self._engine, event_id)
                _log.error("Event %s was kept by another release and can't be read: it is put away.", event_id)
                await count_kinds(self._engine, "unreadable_event")
        return found

    def _reply_to(self, message: QuestionMessage) -> Reply:
        if message.response_url:
            return PrivateReply(message)
        return ThreadReply(self._client, message, self._support)

    async def _give_up(
        self, message: QuestionMessage, reply: Reply, sentence: str, kind: str, claimed: Lease | None
    ) -> bool:
        """Says so, once a message, and lets the next delivery try again; whether the person knows.

        A claim of another process stays its own, and what it says too.
        """
        knows = message.key in self._apologised
        try:
            if not knows:
                await (reply if claimed is None else LeasedReply(reply, claimed)).say(sentence)
                knows = True
                self._apologised[message.key] = True
        except LeaseLostError:
            return True
        except Exception as error:
            _log.error("Couldn't even say so in %s: %s.", message.channel, error_code(error))
        if claimed is not None:
            await despite_errors(release_event, self._engine, message.key, claimed.attempt)
        await count_kinds(self._engine, kind, *reply.troubles)
        return knows


def _queue(message: QuestionMessage) -> str:
    """A thread's name; what is in none, a command, is a queue of its own."""
    thread_ts = message.thread_ts or message.ts
    return f"{message.team}:{message.channel}:{thread_ts}" if thread_ts else message.key
