"""[Answer only to me]: who asked in a channel is told what isn't shown there, and gets it where only they see it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncRespond

from bot.pools import ANSWERS
from bot.slack.incoming import QuestionMessage, read_press
from bot.slack.showing import ANSWER_PRIVATELY
from bot.slack.transport import Acknowledge, nobody_waits, note_failure, whisper
from db.answers import load_asked
from db.errors import UnknownIdError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.slack.asking.questions import Questions
    from bot.slack.incoming import Press
    from bot.slack.transport import SlackApp

GONE = "I no longer have that question. Please ask again."
NOT_THEIRS = "Only who asked can have that answered."
FAILED = "Something went wrong on my side. Please try again in a minute."


class Privately:
    """Has questions answered anew for who asked alone; one instance a process."""

    def __init__(self, engine: sa.Engine, questions: Questions) -> None:
        self._engine = engine
        self._questions = questions

    async def answer(self, press: Press, respond: AsyncRespond, acknowledge: Acknowledge = nobody_waits) -> None:
        """Answers by the address that came with the button, from what who pressed it may see by themselves."""
        try:
            message = await self._question(press)
        except Exception as error:
            await acknowledge()
            if not isinstance(error, UnknownIdError):
                await note_failure(self._engine, f"{press.person} couldn't be answered privately", error)
            await whisper(respond, press, GONE if isinstance(error, UnknownIdError) else FAILED)
            return
        if message is None:
            await acknowledge()
            await whisper(respond, press, NOT_THEIRS)
        else:
            await self._questions.answer(message, acknowledge)

    async def _question(self, press: Press) -> QuestionMessage | None:
        question_id = int(press.value) if press.value.isdecimal() else 0
        asked = await ANSWERS.run(load_asked, self._engine, question_id)
        if (asked.person, asked.channel) != (press.person, press.channel):
            return None
        return QuestionMessage(
            team=asked.workspace,
            channel=asked.channel,
            channel_type="channel",
            user=press.user,
            ts="",
            # what began a thread stands by itself; what came later may mean what was said before it
            thread_ts=None if asked.event_id and asked.event_id.endswith(f":{asked.thread_ts}") else asked.thread_ts,
            text=asked.text,
            shared=False,
            trigger_id=f"privately:{question_id}:{press.occurred_ts}",
            response_url=press.response_url,
            alone=True,
        )


def listen(app: SlackApp, engine: sa.Engine, questions: Questions) -> None:
    """Registers the listener for the button."""
    privately = Privately(engine, questions)

    async def on_press(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        press = read_press(body)
        if press is None or not press.response_url:
            await ack()
        else:
            await app.work.start_acknowledged(ack, partial(privately.answer, press, respond))

    app.action(ANSWER_PRIVATELY)(on_press)
