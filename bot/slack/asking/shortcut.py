"""The message shortcut "Answer this": anybody in a channel has a message in it answered, in its thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck

from bot.answering import small_talk
from bot.pools import PROMPT
from bot.slack.asking.ways_in import OFF
from bot.slack.incoming import QuestionMessage, read_shortcut, text_at
from bot.slack.transport import Acknowledge, can_speak_in, find_channel, nobody_waits, say_privately
from db.errors import AudienceUnknownError, NightshiftError
from db.slack import answers_in

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_bolt.async_app import AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.asking.questions import Questions
    from bot.slack.transport import SlackApp

ANSWER_THIS = "answer_this"

IN_THREAD = "My answer is in that message's thread, or will be in a moment."
NO_QUESTION = "I found no question in that message."
NOT_A_MEMBER = "I'm not in this conversation, so I can't answer in it. Invite me, or ask me in a direct message."
FAILED = "Something went wrong on my side. Please try again in a minute."


class Shortcut:
    """Has chosen messages answered; one instance a process."""

    def __init__(self, client: AsyncWebClient, engine: sa.Engine, questions: Questions) -> None:
        self._client = client
        self._engine = engine
        self._questions = questions

    async def answer(
        self, message: QuestionMessage, response_url: str, acknowledge: Acknowledge = nobody_waits
    ) -> None:
        """Answers a message unless that was done, and tells who chose it where to look, or why not."""
        hindrance = await self._hindrance(message)
        await say_privately(response_url, hindrance or IN_THREAD)
        if hindrance is None:
            await self._questions.answer(message, acknowledge=acknowledge)
        else:
            await acknowledge()

    async def _hindrance(self, message: QuestionMessage) -> str | None:
        if not message.text or small_talk(message.text):
            return NO_QUESTION
        try:
            if not can_speak_in(await find_channel(self._client, message.channel)):
                return NOT_A_MEMBER
            answers = await PROMPT.run(answers_in, self._engine, message.team, message.channel)
        except AudienceUnknownError:
            return NOT_A_MEMBER
        except NightshiftError:
            return FAILED
        return OFF if answers == "off" else None


def listen(app: SlackApp, engine: sa.Engine, questions: Questions) -> None:
    """Registers the listener for the shortcut."""
    shortcut = Shortcut(app.identity.client, engine, questions)

    async def on_shortcut(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        message = read_shortcut(body, context.bot_user_id or "")
        if message is None:
            await ack()
            return
        answer = partial(shortcut.answer, message, text_at(body, "response_url"))
        await app.work.start_acknowledged(ack, answer)

    app.message_shortcut(ANSWER_THIS)(on_shortcut)
