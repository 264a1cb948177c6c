"""`/ask`: a question whose answer only who asked sees, until they share it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck

from bot.slack.asking.payloads import QuestionMessage, plain_question
from bot.slack.asking.reply import LOADING_TEXT
from bot.slack.fields import Payload, text_at

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncBoltContext

    from bot.slack.asking.answering import Answering
    from bot.slack.bolt_app import SlackApp

ASK = "/ask"


def read_command(body: Payload, bot_user_id: str) -> QuestionMessage | None:
    """What a person asks by a command.

    It is a question of its channel, like any other that is asked there: the answer is made from what the whole
    channel may see, and not from what only this person may, so that sharing it shows nobody anything new.
    """
    team, channel, user = text_at(body, "team_id"), text_at(body, "channel_id"), text_at(body, "user_id")
    trigger_id, response_url = text_at(body, "trigger_id"), text_at(body, "response_url")
    if not (team and channel and user and trigger_id and response_url):
        return None
    return QuestionMessage(
        team=team,
        channel=channel,
        channel_type="",
        user=user,
        ts="",
        thread_ts=None,
        text=plain_question(text_at(body, "text"), bot_user_id),
        shared=False,
        trigger_id=trigger_id,
        response_url=response_url,
    )


def listen(app: SlackApp, answering: Answering) -> None:
    """Registers the listener for the command."""

    async def on_ask(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        message = read_command(body, context.bot_user_id or "")
        if message is None:
            await ack()
            return
        await app.work.start_acknowledged(
            partial(ack, response_type="ephemeral"),
            lambda acknowledge: answering.answer(message, acknowledge=partial(acknowledge, text=LOADING_TEXT)),
        )

    app.command(ASK)(on_ask)
