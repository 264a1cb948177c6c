"""Who will read a reply, and so what it may be made from: found out before it is made, by one instance a process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.slack.transport.guests import Guests, GuestsSee
from bot.slack.transport.memberships import Memberships
from db.errors import AudienceUnknownError, DatabaseRefusedError, DatabaseUnavailableError

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

    from db.corpus import ChannelKind


class Readers:
    """What Slack says of the people who would read a reply: where they are, and whether guests are among them."""

    def __init__(self, client: AsyncWebClient, engine: sa.Engine, guests_see: GuestsSee = "channels") -> None:
        self._memberships = Memberships(client, engine)
        self._guests = Guests(client, engine, guests_see)

    async def look_up(self, kind: ChannelKind, workspace: str, channel: str, person: str) -> bool:
        """Finds out what decides what a reply may show, before it is decided; whether guests read it.

        Raises:
            AudienceUnknownError: Slack doesn't say, or what it says can't be kept.
        """
        try:
            guests_read, _ = await asyncio.gather(
                self._guests.read_along(kind, workspace, channel, person),
                self._memberships.look_up(kind, workspace, channel, person),
            )
        except (DatabaseUnavailableError, DatabaseRefusedError) as error:
            raise AudienceUnknownError from error
        return guests_read

    async def guests_read(self, kind: ChannelKind, workspace: str, channel: str, person: str) -> bool:
        """Whether guests read what is said there; raises as `look_up`."""
        try:
            return await self._guests.read_along(kind, workspace, channel, person)
        except (DatabaseUnavailableError, DatabaseRefusedError) as error:
            raise AudienceUnknownError from error

    async def refresh(self, person: str) -> None:
        """Asks where a person ("<workspace>:<user>") is now, and whether as a guest. Never raises."""
        await self._memberships.refresh(person)
        await self._guests.refresh(person)
