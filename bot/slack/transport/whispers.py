"""What a person sees of what they did; failing to show it is logged, since what it tells of is done by now."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any

from bot.slack.text import checked
from bot.slack.transport.client import LOGGER
from bot.slack.transport.refusals import error_code, slack_errors
from db.errors import SlackError

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncRespond
    from slack_sdk.models.blocks import Block
    from slack_sdk.web.async_client import AsyncWebClient
    from slack_sdk.web.async_slack_response import AsyncSlackResponse
    from slack_sdk.webhook import WebhookResponse

    from bot.slack.incoming import Press

_log = logging.getLogger(LOGGER)

Blocks = Sequence["dict[str, Any] | Block"]


async def whisper(respond: AsyncRespond, press: Press, text: str, blocks: Blocks = ()) -> None:
    """Tells the person who pressed a button, and nobody else, in the thread where it stands."""
    said = checked({"text": text, "blocks": blocks or None, "thread_ts": press.thread_ts})
    await _try(respond(**said, response_type="ephemeral", replace_original=False), press.person)


async def replace_pressed(respond: AsyncRespond, press: Press, text: str, blocks: Blocks) -> bool:
    """Puts something else in place of the message whose button was pressed, if it can; whoever saw that one sees it."""
    return await _try(respond(**checked({"text": text, "blocks": blocks}), replace_original=True), press.person)


async def tell(
    client: AsyncWebClient,
    channel: str,
    user: str,
    text: str,
    thread_ts: str | None = None,
    blocks: Blocks = (),
) -> None:
    """Tells a person in a conversation, where no button was pressed."""
    said = client.chat_postEphemeral(channel=channel, user=user, text=text, thread_ts=thread_ts, blocks=blocks or None)
    await _try(said, user)


async def _try(said: Awaitable[WebhookResponse | AsyncSlackResponse], person: str) -> bool:
    try:
        with slack_errors():
            status = (await said).status_code
        failure = None if status == 200 else str(status)
    except (SlackError, ValueError) as error:
        failure = error_code(error)
    if failure:
        _log.warning("Couldn't show %s what became of it: %s.", person, failure)
    return failure is None
