"""What the app has to be granted in Slack, and what it was: the same as in the manifest, each with what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.slack.transport.bolt_app import Identity

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

NEEDED = {
    "app_mentions:read": "questions in channels",
    "assistant:write": "the loading status and suggested prompts",
    "channels:history": "follow-ups in threads, and channels where every question is answered",
    "channels:read": "whether a channel is public, which decides what documents an answer may use",
    "chat:write": "answers",
    "commands": "/ask, /nightshift, and “Answer this”",
    "files:write": "the picture in a night's report",
    "groups:history": "follow-ups in private channels",
    "groups:read": "who reads a private channel",
    "im:history": "questions in direct messages",
    "im:read": "direct messages",
    "mpim:history": "follow-ups in group conversations",
    "mpim:read": "who reads a group conversation",
    "users:read": "who is a guest; and documents that are for a person by e-mail address",
}
OPTIONAL = {
    "reactions:read": "👍 and 👎 as reactions; the buttons work without it",
    "usergroups:read": "documents that are for a user group; without it nobody sees them",
    "users:read.email": "documents that are for a person by e-mail address; without it nobody sees them",
}


@dataclass(frozen=True, slots=True)
class Granted:
    """Who the bot is, and its scopes; None where Slack doesn't say."""

    team_id: str
    user_id: str
    scopes: frozenset[str] | None

    @property
    def lacking(self) -> list[str]:
        """The scopes that it needs and hasn't got."""
        return sorted(set(NEEDED) - self.scopes) if self.scopes is not None else []


async def read_granted(client: AsyncWebClient) -> Granted:
    """Asks Slack who we are, and with which scopes.

    Raises:
        ConfigurationError: it doesn't accept the token, or can't be reached.
    """
    await Identity(client).authorize()
    found = await client.auth_test()
    said = found.headers.get("x-oauth-scopes")
    scopes = None if said is None else frozenset(filter(None, (scope.strip() for scope in said.split(","))))
    return Granted(str(found.get("team_id")), str(found.get("user_id")), scopes)
