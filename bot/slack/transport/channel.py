"""Who will see a reply in a Slack conversation; where that can't be told, nothing may be shown."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.slack.transport.client import LOGGER
from bot.slack.transport.refusals import error_code
from db.errors import AudienceUnknownError, SlackError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.incoming import QuestionMessage
    from db.corpus import ChannelKind

_log = logging.getLogger(LOGGER)


async def channel_kind(client: AsyncWebClient, message: QuestionMessage) -> ChannelKind:
    """Finds out what kind of conversation a message is in, asking Slack unless the event itself says `im`.

    The event's `channel` is not believed: a mention doesn't carry it, and a channel may have become private.

    Raises:
        AudienceUnknownError: Slack doesn't say, or people of another organisation read along.
    """
    if message.shared:
        raise _outsiders()
    if message.channel_type == "im":
        return "direct"
    return kind_of(await find_channel(client, message.channel))


async def find_channel(client: AsyncWebClient, channel: str) -> Mapping[str, Any]:
    """What Slack says of a conversation, now.

    Raises:
        AudienceUnknownError: Slack doesn't say.
    """
    try:
        found = (await client.conversations_info(channel=channel)).get("channel")
    except SlackError as error:
        _log.warning("Slack doesn't say what kind of channel %s is: %s.", channel, error_code(error))
        raise AudienceUnknownError(
            "I can't find out who would read my reply here, so I'm not showing anything. Ask me in a direct message."
        ) from None
    if not isinstance(found, dict):
        raise AudienceUnknownError
    return found


def kind_of(found: Mapping[str, Any]) -> ChannelKind:
    """The kind of a conversation that `find_channel` found.

    Raises:
        AudienceUnknownError: people of another organisation read along.
    """
    if found.get("is_ext_shared") or found.get("is_pending_ext_shared"):
        raise _outsiders()
    if found.get("is_im"):
        return "direct"
    if found.get("is_mpim") or found.get("is_group") or found.get("is_private") is not False:
        return "private"
    return "public"


def can_speak_in(found: Mapping[str, Any]) -> bool:
    """Whether the bot is a member of a conversation that `find_channel` found."""
    return bool(found.get("is_member") or found.get("is_im"))


def _outsiders() -> AudienceUnknownError:
    return AudienceUnknownError(
        "People of another organisation read this conversation, so I'm not showing anything here. "
        "Ask me in a channel of your own, or in a direct message."
    )
