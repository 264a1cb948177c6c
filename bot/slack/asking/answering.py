"""What is said to a question: politeness, a refusal for now, or the answer from the documents."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.answering import SmallTalk, small_talk
from bot.pools import ANSWERS
from bot.slack.showing import withheld_blocks, withheld_sentence
from bot.slack.transport import LOGGER, Readers, channel_kind, count_kinds, despite_errors, error_code
from db.answers import remember_message
from db.corpus import has_documents_for_some
from db.errors import AudienceUnknownError, BadInputError, EmptyCorpusError
from db.question import LLM_STEP, Asked

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.answering import Answerer
    from bot.slack.asking.quotas import Quotas
    from bot.slack.asking.reply import Reply
    from bot.slack.incoming import QuestionMessage
    from db.corpus import ChannelKind
    from db.question import Answer

NO_QUESTION = "Ask me a question, and I'll look for the answer in the documents."
HELP = (
    "Ask me a question in your own words: in a direct message, by mentioning me in a channel, or with /ask, which only "
    "you see. I answer from the documents and name my sources. Vote 👍 or 👎 on them: from that I learn at night."
)
WELCOME = "You're welcome. Ask me whenever you like."

GUESTS_READ = (
    "Guests read along here, so I looked only into what is for this channel, not into what is for the whole workspace."
)

LLM_FALLBACK = "llm_fallback"
"""What is counted where quotes stand in for what the language model should have written."""

_EXPLAINED = (AudienceUnknownError, BadInputError, EmptyCorpusError)
"""Errors whose sentence is meant for the person, and that asking again wouldn't change."""


_log = logging.getLogger(LOGGER)


class Answering:
    """Answers questions by the replies it is given; one instance a process."""

    def __init__(
        self,
        client: AsyncWebClient,
        engine: sa.Engine,
        answerer: Answerer,
        quotas: Quotas,
        readers: Readers | None = None,
    ) -> None:
        self._client = client
        self._engine = engine
        self._answerer = answerer
        self._quotas = quotas
        self._readers = readers or Readers(client, engine)

    async def warm_up(self) -> None:
        """Makes ready for the first question; where there is nothing to answer from yet, there is nothing to do."""
        with suppress(EmptyCorpusError):
            await self._answerer.warm_up()

    async def answer(self, message: QuestionMessage, reply: Reply) -> None:
        """Says what there is to say; raises what kept it from that, so that somebody says so."""
        if not message.text:
            await reply.say(NO_QUESTION)
        elif kind := small_talk(message.text):
            await _be_polite(message, reply, kind)
        else:
            async with self._quotas.admit(message) as refusal:
                if refusal is None:
                    await self._look_up_or_explain(message, reply)
                else:
                    await reply.say_to_asker(refusal)

    async def _look_up_or_explain(self, message: QuestionMessage, reply: Reply) -> None:
        try:
            await self._look_up(message, reply)
        except _EXPLAINED as error:
            await count_kinds(self._engine, error_code(error))
            await reply.say(str(error))

    async def _look_up(self, message: QuestionMessage, reply: Reply) -> None:
        kind, _ = await asyncio.gather(self._kind(message), reply.show_loading(), return_exceptions=True)
        if isinstance(kind, BaseException):
            raise kind
        guests_read = await self._readers.look_up(kind, message.team, message.channel, message.person)
        asked = Asked(
            text=message.text,
            workspace=message.team,
            channel=message.channel,
            channel_kind=kind,
            person=message.person,
            thread_ts=message.thread_ts or message.ts or None,
            event_id=message.key,
            authors=tuple(message.authors),
            guests_read=guests_read,
        )
        answer = await self._answerer.answer(asked, reply.show_text)
        if answer.kind == "quoted" and LLM_STEP in answer.timings_ms:
            await count_kinds(self._engine, LLM_FALLBACK)
        # Before it is shown, where there is a message already: whoever reacts at once must find it known.
        await self._remember(message, reply, answer.question_id)
        await reply.show_answer(answer)
        await self._remember(message, reply, answer.question_id)
        if kind in ("public", "private"):
            await self._tell_withheld(asked, answer, reply)

    async def _kind(self, message: QuestionMessage) -> ChannelKind:
        return "direct" if message.alone else await channel_kind(self._client, message)

    async def _tell_withheld(self, asked: Asked, answer: Answer, reply: Reply) -> None:
        """Tells who asked what isn't shown to the others here; that it can't be found out does no harm."""
        try:
            if not (asked.guests_read or await ANSWERS.run(has_documents_for_some, self._engine)):
                return
            await self._readers.refresh(asked.person)
            counts = await self._answerer.count_withheld(asked)
            if counts:
                sentence = withheld_sentence(counts)
                await reply.say_to_asker(sentence, withheld_blocks(sentence, answer.question_id))
            elif asked.guests_read and answer.kind == "unknown":
                await reply.say_to_asker(GUESTS_READ)
        except Exception as error:
            _log.warning("What isn't shown to all isn't told: %s.", error_code(error))

    async def _remember(self, message: QuestionMessage, reply: Reply, question_id: int) -> None:
        for message_ts in reply.posted:
            place = (self._engine, message.team, message.channel)
            await despite_errors(remember_message, *place, message_ts, question_id)


async def _be_polite(message: QuestionMessage, reply: Reply, kind: SmallTalk) -> None:
    """Helps who calls for it or comes in; takes thanks in silence where others read, or a thread would grow."""
    if kind != "thanks":
        await reply.say_to_asker(HELP)
    elif message.response_url or (message.channel_type == "im" and not message.thread_ts):
        await reply.say(WELCOME)
