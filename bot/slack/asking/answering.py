"""A question from Slack, from the event to the answer in its thread: claimed once, and never met with silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.pools import ANSWERS, ASIDE
from bot.slack.asking.leased_reply import LeasedReply
from bot.slack.asking.payloads import QuestionMessage, read_kept
from bot.slack.asking.private_reply import PrivateReply
from bot.slack.asking.quotas import Quotas
from bot.slack.asking.reply import Reply, Support, ThreadReply
from bot.slack.asking.turns import Turn, Turns
from bot.slack.channel import channel_kind
from bot.slack.client import LOGGER
from bot.slack.failures import count_quietly
from bot.slack.lease import Lease, LeaseLostError, lease
from bot.slack.recent import Recent
from bot.slack.refusals import error_code
from bot.slack.whispers import tell
from bot.slack.work import Acknowledge, nobody_waits
from bot.small_talk import SmallTalk, small_talk
from db.errors import AudienceUnknownError, BadInputError, EmptyCorpusError
from db.question import LLM_STEP, Asked
from db.questions import is_posted, remember_message
from db.slack_events import abandoned_events, finish_event, lease_event, release_event

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.answer import Answerer
    from bot.slack.work import BackgroundWork

NO_QUESTION = "Ask me a question, and I'll look for the answer in the documents."
HELP = (
    "Ask me a question in your own words: in a direct message, by mentioning me in a channel, or with /ask, which only "
    "you see. I answer from the documents and name my sources. Vote 👍 or 👎 on them: from that I learn at night."
)
WELCOME = "You're welcome. Ask me whenever you like."
FAILED = "Something went wrong on my side, so I have no answer. Please ask again in a minute."
STOPPED = "I was stopped before I had an answer. Please ask again in a minute."

LLM_FALLBACK = "llm_fallback"
"""What is counted where quotes stand in for what the language model should have written."""

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
        self._under_way: dict[str, asyncio.Future[bool]] = {}
        self._apologised = Recent()

    async def answer(
        self, message: QuestionMessage, is_asked: Condition | None = None, acknowledge: Acknowledge = nobody_waits
    ) -> None:
        """Answers one message, however often and under how many events it is delivered; after those before it.

        Its place among those of its thread is taken before anything else is waited for. What `is_asked` then says no
        to is left alone: it is neither stored nor answered. Every failure ends in one plain sentence to the person, is
        counted, and gives the claim back for Slack's next try. It is acknowledged as soon as it can't be lost any more,
        whatever dies: it is stored as claimed, is none of the bot's business, or its person knows.
        """
        async with self._turns.queued(_queue(message)) as my_turn:
            if is_asked is None or await is_asked(message, my_turn):
                await self._answer_once(message, my_turn, acknowledge)
            else:
                await acknowledge()

    async def _answer_once(self, message: QuestionMessage, my_turn: Turn, acknowledge: Acknowledge) -> None:
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
            await self._answer_in_turn(message, my_turn, acknowledge_all)
        finally:
            del self._under_way[message.key]
            if not is_kept.done():
                is_kept.set_result(False)

    async def _answer_in_turn(self, message: QuestionMessage, my_turn: Turn, acknowledge: Acknowledge) -> None:
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
                    await self._answer_claimed(message, LeasedReply(reply, claimed), claimed)
        except LeaseLostError:
            _log.warning("%s was taken over by another process, which answers it.", message.key)
        except asyncio.CancelledError:
            await self._give_up(message, reply, STOPPED, "stopped", claimed)
            raise
        except Exception as error:
            _log.error("No answer to %s: %s.", message.key, error_code(error))
            if await self._give_up(message, reply, FAILED, error_code(error), claimed) and not is_stored:
                await acknowledge(text="")

    async def warm_up(self) -> None:
        """Makes ready for the first question; where there is nothing to answer from yet, there is nothing to do."""
        with suppress(EmptyCorpusError):
            await self._answerer.warm_up()

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
                await self._count("unreadable_event")
        return found

    def _reply_to(self, message: QuestionMessage) -> Reply:
        if message.response_url:
            return PrivateReply(message)
        return ThreadReply(self._client, message, self._support)

    async def _answer_claimed(self, message: QuestionMessage, reply: Reply, claimed: Lease) -> None:
        if claimed.attempt == 1 and await ANSWERS.run(is_posted, self._engine, message.key):
            pass  # long ago: that it was done is forgotten, the answer isn't
        elif not message.text:
            await reply.say(NO_QUESTION)
        elif kind := small_talk(message.text):
            await self._be_polite(message, reply, kind, claimed)
        else:
            async with self._quotas.admit(message) as refusal:
                if refusal is None:
                    await self._look_up_or_explain(message, reply)
                else:
                    await self._say_to_asker(message, reply, refusal, claimed)
        await self._despite_errors(finish_event, self._engine, message.key, claimed.attempt)
        await self._count(*reply.troubles)

    async def _be_polite(self, message: QuestionMessage, reply: Reply, kind: SmallTalk, claimed: Lease) -> None:
        """Helps who calls for it or comes in; takes thanks in silence where others read, or a thread would grow."""
        if kind != "thanks":
            await self._say_to_asker(message, reply, HELP, claimed)
        elif message.response_url or (message.channel_type == "im" and not message.thread_ts):
            await reply.say(WELCOME)

    async def _say_to_asker(self, message: QuestionMessage, reply: Reply, sentence: str, claimed: Lease) -> None:
        """Says what concerns nobody else in a channel."""
        if message.response_url or message.channel_type == "im":
            await reply.say(sentence)
        else:
            await claimed.require()
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
                self._apologised.add(message.key)
        except LeaseLostError:
            return True
        except Exception as error:
            _log.error("Couldn't even say so in %s: %s.", message.channel, error_code(error))
        if claimed is not None:
            await self._despite_errors(release_event, self._engine, message.key, claimed.attempt)
        await self._count(kind, *reply.troubles)
        return knows

    async def _count(self, *kinds: str) -> None:
        for kind in kinds:
            await ANSWERS.run(count_quietly, self._engine, kind)

    async def _despite_errors(self, note: Callable[..., object], *args: object) -> None:
        """Notes something in the database; failing to is logged, since the person has been answered by now."""
        try:
            await ANSWERS.run(note, *args)
        except Exception as error:
            _log.error("%s failed: %s.", note.__name__, error_code(error))


def _queue(message: QuestionMessage) -> str:
    """A thread's name; what is in none, a command, is a queue of its own."""
    thread_ts = message.thread_ts or message.ts
    return f"{message.team}:{message.channel}:{thread_ts}" if thread_ts else message.key
