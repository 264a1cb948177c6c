"""`/nightshift mention|always|off`: when the bot answers in a channel, told to all in it when it changes.

The bot's admins may change it, and who made the channel: an answer to every question is felt by all who read there,
and costs somebody money.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck

from bot.pools import ASIDE
from bot.slack.incoming import Payload, text_at
from bot.slack.showing import Rendered
from bot.slack.transport import LOGGER, can_speak_in, error_code, find_channel, note_failure, respond, say_privately
from db.errors import AudienceUnknownError, SlackError
from db.slack import WAYS_TO_ANSWER, Answers, answers_in, set_answers

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.transport import Admins, SlackApp

COMMAND = "/nightshift"

MEANINGS: dict[Answers, str] = {
    "mention": "I answer here when I'm mentioned, and go on in the threads that I'm in",
    "always": "I answer every question that is asked here, whether I'm mentioned or not",
    "off": "I'm silent here; /ask works still, and only who asks sees its answer",
}
HOW = f"To change that: {COMMAND} mention, {COMMAND} always or {COMMAND} off."
DIRECT = "In a direct message I answer everything; that can't be changed."
NOT_ALLOWED = "Only who made this channel, or one of my admins, can change when I answer here."
NOT_A_MEMBER = "I'm not in this channel. Invite me first."
FAILED = "Something went wrong on my side, so nothing is changed. Please try again in a minute."

_log = logging.getLogger(LOGGER)


@dataclass(frozen=True, slots=True)
class Request:
    """What a person wants to know or change of a channel."""

    team: str
    channel: str
    user: str
    wanted: str
    response_url: str


class ChannelCommand:
    """Shows and changes when the bot answers in a channel; one instance a process."""

    def __init__(self, client: AsyncWebClient, engine: sa.Engine, admins: Admins) -> None:
        self._client = client
        self._engine = engine
        self._admins = admins

    async def run(self, request: Request) -> None:
        """Does what is asked for and says what came of it: a change to the whole channel, all else to who asked."""
        try:
            refusal = await self._change_or_say(request)
        except AudienceUnknownError:
            refusal = NOT_A_MEMBER
        except Exception as error:
            await note_failure(self._engine, f"The setting of {request.channel} can't be changed or read", error)
            refusal = FAILED
        if refusal is not None:
            await say_privately(request.response_url, refusal)

    async def _change_or_say(self, request: Request) -> str | None:
        place = (self._engine, request.team, request.channel)
        found = await find_channel(self._client, request.channel)
        if found.get("is_im"):
            return DIRECT
        wanted = next((answers for answers in WAYS_TO_ANSWER if answers == request.wanted), None)
        if wanted is None:
            return f"{MEANINGS[await ASIDE.run(answers_in, *place)]}. {HOW}"
        if not can_speak_in(found):
            return NOT_A_MEMBER
        if request.user != found.get("creator") and not await self._admins.include(request.team, request.user):
            return NOT_ALLOWED
        await ASIDE.run(set_answers, *place, wanted, f"{request.team}:{request.user}")
        try:
            changed = Rendered(f"<@{request.user}> has set when I answer: from now on {MEANINGS[wanted]}.", [])
            await respond(request.response_url, changed, to_all=True)
        except SlackError as error:
            _log.warning("Couldn't say that %s was changed: %s.", request.channel, error_code(error))
        return None


def read_request(body: Payload) -> Request | None:
    """The command as a person sent it."""
    team, channel, user = text_at(body, "team_id"), text_at(body, "channel_id"), text_at(body, "user_id")
    wanted, response_url = text_at(body, "text").strip().lower(), text_at(body, "response_url")
    return Request(team, channel, user, wanted, response_url) if team and channel and user and response_url else None


def listen(app: SlackApp, engine: sa.Engine, admins: Admins) -> None:
    """Registers the listener for the command."""
    command = ChannelCommand(app.identity.client, engine, admins)

    async def on_command(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        request = read_request(body)
        if request is not None:
            app.work.start(command.run(request))

    app.command(COMMAND)(on_command)
