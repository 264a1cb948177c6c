"""Asks Slack whose a direct reply's reader is, and which channel has a name, where documents are for some by it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from bot.pools import ANSWERS
from bot.slack.transport.channel import find_channel
from bot.slack.transport.client import LOGGER
from bot.slack.transport.refusals import NotAvailableError, error_code
from db.corpus import VALID_S, Told, bind_channel, has_named_channels, record_told, wanted_of_slack
from db.errors import SlackError

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

    from db.corpus import ChannelKind

ASKED_AGAIN_S = VALID_S / 2
"""Seconds after which Slack is asked anew; sooner than what it said lapses, or a reader in between would see less."""

WITHIN_S = 8.0
"""Seconds that Slack has; where it doesn't say in time, the reader sees what is for all."""

_PAGE = 999
_MOST_PAGES = 20
_REMEMBERED = 10_000

_log = logging.getLogger(LOGGER)


class Memberships:
    """Brings level with Slack who is where, for a short while; whatever it doesn't say is seen by nobody."""

    def __init__(self, client: AsyncWebClient, engine: sa.Engine) -> None:
        self._client = client
        self._engine = engine
        self._asked: dict[str, float] = {}

    async def look_up(self, kind: ChannelKind, workspace: str, channel: str, person: str) -> None:
        """Finds out what decides what a reply's readers may see, before it is decided. Never raises."""
        if kind == "direct":
            await self.refresh(person)
        elif kind in ("public", "private"):
            await self._despite_errors(self._meet, f"{workspace}:{channel}")

    async def refresh(self, person: str) -> None:
        """Asks where a person ("<workspace>:<user>") is now; who was asked of just now isn't again. Never raises."""
        await self._despite_errors(self._ask_of, person)

    async def _despite_errors(self, ask: Callable[[str], Awaitable[bool]], about: str) -> None:
        """Once in a while; what can't be found out stays unknown, and is tried again with the next question."""
        if time.monotonic() - self._asked.get(about, float("-inf")) < ASKED_AGAIN_S:
            return
        try:
            is_known = await ask(about)
        except Exception as error:
            _log.warning("It can't be found out who is in which channel (%s): %s.", about, error_code(error))
            return
        if is_known:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            self._asked[about] = time.monotonic()

    async def _ask_of(self, person: str) -> bool:
        workspace, _, user = person.partition(":")
        wanted = await ANSWERS.run(wanted_of_slack, self._engine)
        if not user or not (wanted.channels or wanted.groups or wanted.addresses):
            return False  # the first document for some may be read in any moment
        asked = [
            self._within(self._channels(user), person) if wanted.channels else _nothing(),
            self._within(self._groups(user), person) if wanted.groups else _nothing(),
            self._within(self._address(user), person) if wanted.addresses else _nothing(),
        ]
        channels, groups, address = await asyncio.gather(*asked)
        told = Told(channels or {}, groups or {}, (address or {}).get("address", ""))
        await ANSWERS.run(record_told, self._engine, workspace, person, told)
        return None not in (channels, groups, address)

    async def _within(self, asking: Coroutine[Any, Any, dict[str, str]], person: str) -> dict[str, str] | None:
        """What Slack says; {} where it never will, None where it doesn't now."""
        try:
            return await asyncio.wait_for(asking, WITHIN_S)
        except (SlackError, TimeoutError) as error:
            _log.warning("Slack doesn't say where %s is: %s.", person, error_code(error))
            return {} if isinstance(error, NotAvailableError) else None

    async def _meet(self, place: str) -> bool:
        """Tells which channel it is that documents are for by its name, if it is one, or that it isn't that one."""
        workspace, _, channel = place.partition(":")
        if not await ANSWERS.run(has_named_channels, self._engine):
            return False
        if name := (await find_channel(self._client, channel)).get("name"):
            await ANSWERS.run(bind_channel, self._engine, workspace, channel, str(name))
        return True

    async def _channels(self, user: str) -> dict[str, str]:
        found: dict[str, str] = {}
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = await self._client.users_conversations(
                user=user, types="public_channel,private_channel", exclude_archived=True, limit=_PAGE, cursor=cursor
            )
            found |= {str(one["id"]): str(one.get("name") or "") for one in page.get("channels") or []}
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return found

    async def _groups(self, user: str) -> dict[str, str]:
        answer = await self._client.usergroups_list(include_users=True)
        groups: list[dict[str, Any]] = answer.get("usergroups") or []
        return {str(one["id"]): str(one.get("handle") or "") for one in groups if user in (one.get("users") or [])}

    async def _address(self, user: str) -> dict[str, str]:
        profile = ((await self._client.users_info(user=user)).get("user") or {}).get("profile") or {}
        return {"address": str(profile.get("email") or "")}


async def _nothing() -> dict[str, str]:
    return {}
