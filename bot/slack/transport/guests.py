"""Asks Slack who is a guest: they are members of a few channels, and don't see what is for the whole workspace."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from cachetools import TTLCache

from bot.pools import ANSWERS
from bot.slack.transport.client import LOGGER
from bot.slack.transport.refusals import NotAvailableError, error_code
from db.corpus import record_guest
from db.errors import AudienceUnknownError, SlackError

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    from db.corpus import ChannelKind

GuestsSee = Literal["channels", "workspace"]
"""What guests may read: what is for the channels they are in, or also what is for the whole workspace."""

PERSON_VALID_S = 30
"""Seconds that what Slack said of one person counts."""

CHANNEL_VALID_S = 60
"""Seconds that a list of a channel's members counts, where the workspace has guests."""

WORKSPACE_VALID_S = 300
"""Seconds that the list of a workspace's guests counts."""

WITHIN_S = 20.0
"""Seconds that Slack has for a list; where it doesn't say in time, nothing is shown."""

UNKNOWN = (
    "I can't find out from Slack whether guests would read my reply, so I'm not showing anything. "
    "Please ask again in a minute."
)
NO_SCOPE = (
    "I'm not allowed to ask Slack who is a guest here, so I'm not showing anything. An admin can install the app again "
    "with the scope users:read, or set NIGHTSHIFT_SLACK_GUESTS=workspace if guests may read what all may."
)

_PAGE = 999
_MOST_PAGES = 200
_REMEMBERED = 10_000
_FLAGS = ("is_restricted", "is_ultra_restricted", "is_stranger")
"""A guest of several channels, one of a single channel, somebody of another organisation."""

_log = logging.getLogger(LOGGER)


class Guests:
    """Who of the readers of a reply is no full member; one instance a process.

    The list of a workspace is asked for once in five minutes, the members of a channel once a minute and only where
    there are guests at all, and who asks in a direct message once in half a minute.
    """

    def __init__(self, client: AsyncWebClient, engine: sa.Engine, guests_see: GuestsSee = "channels") -> None:
        self._client = client
        self._engine = engine
        self._count_as_members = guests_see == "workspace"
        self._people: TTLCache[str, bool] = TTLCache(_REMEMBERED, PERSON_VALID_S)
        self._of_workspace: TTLCache[str, frozenset[str]] = TTLCache(100, WORKSPACE_VALID_S)
        self._in_channel: TTLCache[str, bool] = TTLCache(_REMEMBERED, CHANNEL_VALID_S)
        self._listing = asyncio.Lock()

    async def read_along(self, kind: ChannelKind, workspace: str, channel: str, person: str) -> bool:
        """Whether a guest would read a reply; of who asks directly it is kept, see `record_guest`.

        Raises:
            AudienceUnknownError: Slack doesn't say.
        """
        try:
            if kind == "direct":
                return await self._note(person)
            if kind in ("public", "private") and not self._count_as_members:
                return await asyncio.wait_for(self._are_in(workspace, channel), WITHIN_S)
        except (SlackError, TimeoutError) as error:
            _log.warning("Slack doesn't say who is a guest in %s: %s.", channel, error_code(error))
            raise AudienceUnknownError(NO_SCOPE if isinstance(error, NotAvailableError) else UNKNOWN) from None
        return False

    async def refresh(self, person: str) -> None:
        """Notes whether somebody is a guest; where Slack doesn't say, they are taken for one. Never raises."""
        try:
            await self._note(person)
        except Exception as error:
            _log.warning("Slack doesn't say whether %s is a guest: %s.", person, error_code(error))
            await _despite_errors(ANSWERS.run(record_guest, self._engine, person, is_guest=True))

    async def _note(self, person: str) -> bool:
        if person not in self._people:
            is_guest = not self._count_as_members and await self._is_guest(person.partition(":")[2])
            await ANSWERS.run(record_guest, self._engine, person, is_guest=is_guest)
            self._people[person] = is_guest
        return self._people[person]

    async def _is_guest(self, user: str) -> bool:
        found = await asyncio.wait_for(self._client.users_info(user=user), WITHIN_S)
        return _is_guest(found.get("user") or {})

    async def _are_in(self, workspace: str, channel: str) -> bool:
        guests = await self._guests_of(workspace)
        place = f"{workspace}:{channel}"
        if guests and place not in self._in_channel:
            pages = await _read_pages(partial(self._client.conversations_members, channel=channel))
            members = {str(one) for page in pages for one in page.get("members") or []}
            self._in_channel[place] = not guests.isdisjoint(members)
        return bool(guests) and self._in_channel[place]

    async def _guests_of(self, workspace: str) -> frozenset[str]:
        async with self._listing:
            if workspace not in self._of_workspace:
                pages = await _read_pages(self._client.users_list)
                people = [one for page in pages for one in page.get("members") or []]
                self._of_workspace[workspace] = frozenset(str(one.get("id")) for one in people if _is_guest(one))
            return self._of_workspace[workspace]


async def _read_pages(ask: Callable[..., Awaitable[AsyncSlackResponse]]) -> list[AsyncSlackResponse]:
    """All pages of a list; one that doesn't end is none."""
    pages: list[AsyncSlackResponse] = []
    cursor = ""
    for _ in range(_MOST_PAGES):
        pages.append(await ask(limit=_PAGE, cursor=cursor))
        cursor = str((pages[-1].get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return pages
    raise TimeoutError


def _is_guest(user: Mapping[str, Any]) -> bool:
    return any(user.get(flag) for flag in _FLAGS)


async def _despite_errors(doing: Awaitable[None]) -> None:
    try:
        await doing
    except Exception as error:
        _log.warning("What Slack said of a guest isn't kept: %s.", error_code(error))
