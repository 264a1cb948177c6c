"""A model that can't be used, told in the admin channel: once by each process, for as long as it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_sdk.models.blocks import SectionBlock

from bot.slack.showing import warnings_of
from bot.slack.text import one_line, verbatim

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from db.generations import Pins

_MAX_CHARS = 2_000


class ModelAlarm:
    """Looks at what was refused; one instance a process."""

    def __init__(self, client: AsyncWebClient, pins: Pins, channel: str | None) -> None:
        self._client = client
        self._pins = pins
        self._channel = channel
        self._told: set[int] = set()

    async def sweep(self) -> None:
        """Posts what is new; raises SlackError."""
        refused = self._pins.refused
        self._told &= refused.keys()
        if self._channel is None:
            return
        new = {generation_id: refused[generation_id] for generation_id in sorted(refused.keys() - self._told)}
        for generation_id, warning in zip(new, warnings_of(new), strict=True):
            text = one_line(warning, _MAX_CHARS)
            await self._client.chat_postMessage(
                channel=self._channel, text=text, blocks=[SectionBlock(text=verbatim(text))], parse="none"
            )
            self._told.add(generation_id)
