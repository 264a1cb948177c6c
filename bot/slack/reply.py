"""The one reply to a question, in its thread: a loading status at once, then the answer or a plain sentence."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.slack.client import LOGGER, SLACK_FAILURES, error_code
from bot.slack.mrkdwn import escape
from bot.slack.render import Rendered

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

LOADING_STATUS = "is looking through the documents…"
LOADING_TEXT = "Looking through the documents…"

_log = logging.getLogger(LOGGER)
_NO_SUCH_STATUS = {"unknown_method", "missing_scope", "not_allowed_token_type", "method_not_supported_for_channel_type"}
_BLOCKS_REFUSED = {"msg_blocks_too_long", "msg_too_long", "invalid_blocks", "invalid_blocks_format"}


class StatusSupport:
    """Whether the workspace knows loading statuses; once it said no, nobody asks again."""

    def __init__(self) -> None:
        self.available = True


class Reply:
    """Speaks in one thread. Where there is no loading status, a posted message stands in and is then replaced."""

    def __init__(self, client: AsyncWebClient, channel: str, thread_ts: str, status: StatusSupport) -> None:
        self._client = client
        self._channel = channel
        self._thread_ts = thread_ts
        self._status = status
        self.posted_ts: str | None = None

    async def show_loading(self) -> None:
        """Shows that the question was seen; failing to is logged, since the answer itself still may get through."""
        try:
            if self._status.available and await self._set_status():
                return
            self.posted_ts = await self._post(Rendered(LOADING_TEXT, []))
        except SLACK_FAILURES as error:
            _log.warning("No loading status in %s: %s.", self._channel, error_code(error))

    async def say(self, sentence: str) -> str:
        """Shows a plain sentence; returns the message's timestamp. Raises one of `SLACK_FAILURES`."""
        return await self.show(Rendered(escape(sentence), []))

    async def show(self, rendered: Rendered) -> str:
        """Shows the reply, in place of the loading message if there is one; returns the message's timestamp.

        Where Slack refuses the blocks the text is shown without them. Raises one of `SLACK_FAILURES`.
        """
        try:
            return await self._update_or_post(rendered)
        except SlackApiError as error:
            if error_code(error) not in _BLOCKS_REFUSED or not rendered.blocks:
                raise
            _log.warning("Slack refused the blocks of an answer in %s: %s.", self._channel, error_code(error))
            return await self._update_or_post(Rendered(rendered.text, []))

    async def _update_or_post(self, rendered: Rendered) -> str:
        if self.posted_ts is not None:
            try:
                await self._client.chat_update(
                    channel=self._channel, ts=self.posted_ts, text=rendered.text, blocks=rendered.blocks, parse="none"
                )
                return self.posted_ts
            except SlackApiError as error:
                if error_code(error) not in ("message_not_found", "cant_update_message", "edit_window_closed"):
                    raise
        self.posted_ts = await self._post(rendered)
        return self.posted_ts

    async def _post(self, rendered: Rendered) -> str:
        posted = await self._client.chat_postMessage(
            channel=self._channel,
            thread_ts=self._thread_ts,
            text=rendered.text,
            blocks=rendered.blocks or None,
            parse="none",
            link_names=False,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(posted["ts"])

    async def _set_status(self) -> bool:
        try:
            await self._client.assistant_threads_setStatus(
                channel_id=self._channel, thread_ts=self._thread_ts, status=LOADING_STATUS
            )
        except SlackApiError as error:
            self._status.available = error_code(error) not in _NO_SUCH_STATUS
            return False
        return True
