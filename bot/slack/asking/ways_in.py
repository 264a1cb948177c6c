"""Which messages are questions to the bot: mentions and direct messages, follow-ups, and what a channel lets it answer.

A follow-up is a message, without a mention, in a thread in which the bot has answered. Of messages that turn out to
be none of its business nothing is stored or logged.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.answering import small_talk
from bot.pools import PROMPT
from bot.slack.incoming import read_question
from bot.slack.transport import Acknowledge, nobody_waits, note_failure, tell
from db.answers import has_answered
from db.slack import answers_in, claim_event, finish_event, nameless_key

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_bolt.async_app import AsyncAck, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.asking.questions import Questions
    from bot.slack.asking.turns import Turn
    from bot.slack.incoming import QuestionMessage
    from bot.slack.transport import SlackApp

OFF = "I'm switched off in this channel. Ask me in a direct message, or with /ask, which only you see."

_ASKS = re.compile(
    r"[?？؟](?:\s|\Z)|\A\W*(?:who|what|when|where|why|which|how|whose|can|could|may|does|do|did|is|are|should|will)\b",
    re.IGNORECASE,
)


class WaysIn:
    """Takes messages as they come and has those answered that are questions; one instance a process."""

    def __init__(self, client: AsyncWebClient, engine: sa.Engine, questions: Questions) -> None:
        self._client = client
        self._engine = engine
        self._questions = questions

    async def take(self, message: QuestionMessage, acknowledge: Acknowledge = nobody_waits) -> None:
        """Has a message answered if it is a question to the bot; see `Questions.answer`.

        Where that can't be told, whoever spoke to the bot hears that something is wrong; of others' messages Slack gets
        no acknowledgement, and sends them again.
        """
        async with self._questions.in_line(message) as my_turn:
            try:
                is_question = await self._is_question(message, my_turn)
            except Exception as error:
                await note_failure(self._engine, f"Can't tell whether {message.key} is a question", error)
                if not message.addressed:
                    return
                is_question = True
            if is_question:
                await self._questions.answer_in_line(message, my_turn, acknowledge)
            else:
                await acknowledge()

    async def _is_question(self, message: QuestionMessage, my_turn: Turn) -> bool:
        if message.channel_type == "im":
            return True
        if not message.addressed and not may_ask(message):
            return False
        place = (self._engine, message.team, message.channel)
        answers = await PROMPT.run(answers_in, *place)
        if answers == "off":
            if message.addressed:
                await self._say_off(message)
            return False
        if message.addressed:
            return True
        if message.thread_ts:
            await my_turn()  # the thread's first answer may be under way: only then it is known as ours
            return await PROMPT.run(has_answered, *place, message.thread_ts)
        return answers == "always"

    async def _say_off(self, message: QuestionMessage) -> None:
        """Says so once to a person in a channel, who alone sees it."""
        told = nameless_key("off", message.team, message.channel, message.user)
        if await PROMPT.run(claim_event, self._engine, told, lasting=True):
            await tell(self._client, message.channel, message.user, OFF, message.thread_ts)
            await PROMPT.run(finish_event, self._engine, told)


def may_ask(message: QuestionMessage) -> bool:
    """Whether a message that doesn't mention the bot may be a question: in a thread, all but thanks and the like."""
    words = re.findall(r"\w+", message.text)
    if not words or small_talk(message.text):
        return False
    return bool(message.thread_ts) or (len(words) > 1 and _ASKS.search(message.text) is not None)


def listen(app: SlackApp, engine: sa.Engine, questions: Questions) -> None:
    """Registers the listeners for messages."""
    ways_in = WaysIn(app.identity.client, engine, questions)

    async def on_message(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        message = read_question(body, context.bot_user_id or "")
        if message is not None:
            await app.work.start_acknowledged(ack, partial(ways_in.take, message))

    # A mention arrives as both.
    app.event("app_mention")(on_message)
    app.event("message")(on_message)
