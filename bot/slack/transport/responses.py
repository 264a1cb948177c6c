"""What is said by the address that Slack sends with a command or shortcut: works where the bot is no member too."""

from __future__ import annotations

import logging

from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.showing import Rendered
from bot.slack.text import checked, escape
from bot.slack.transport.client import LOGGER, REQUEST_TIMEOUT_S, quiet_logger
from bot.slack.transport.refusals import SlackRefusedError, error_code, slack_errors
from db.errors import SlackError

_log = logging.getLogger(LOGGER)


async def respond(response_url: str, rendered: Rendered, *, to_all: bool = False) -> None:
    """Shows something to who used a command, shortcut or button, or to all in that conversation.

    Raises:
        SlackError: Slack doesn't take it, or can't be reached.
    """
    said = {
        "response_type": "in_channel" if to_all else "ephemeral",
        "replace_original": False,
        "text": rendered.text,
        "unfurl_links": False,
        "unfurl_media": False,
    } | ({"blocks": [block.to_dict() for block in rendered.blocks]} if rendered.blocks else {})
    client = AsyncWebhookClient(response_url, timeout=REQUEST_TIMEOUT_S, logger=quiet_logger())
    with slack_errors():
        answer = await client.send_dict(checked(said))
    if answer.status_code != 200:
        raise SlackRefusedError(f"response_url_{answer.status_code}")


async def say_privately(response_url: str, sentence: str) -> None:
    """Says a plain sentence to who used a command or shortcut; that it can't be said is logged."""
    try:
        await respond(response_url, Rendered(escape(sentence), []))
    except SlackError as error:
        _log.warning("Couldn't answer a command: %s.", error_code(error))
