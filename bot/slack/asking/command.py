"""`/ask`: a question whose answer only who asked sees, until they share it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck

from bot.slack.asking.reply import LOADING_TEXT
from bot.slack.incoming import read_command

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncBoltContext

    from bot.slack.asking.questions import Questions
    from bot.slack.transport import SlackApp

ASK = "/ask"


def listen(app: SlackApp, questions: Questions) -> None:
    """Registers the listener for the command."""

    async def on_ask(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        message = read_command(body, context.bot_user_id or "")
        if message is None:
            await ack()
            return
        await app.work.start_acknowledged(
            partial(ack, response_type="ephemeral"),
            lambda acknowledge: questions.answer(message, acknowledge=partial(acknowledge, text=LOADING_TEXT)),
        )

    app.command(ASK)(on_ask)
