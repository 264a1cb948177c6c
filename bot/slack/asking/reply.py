"""The reply to one question: what is asked of any, and the one that is written in the question's thread."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from bot.pools import RENDERING
from bot.slack.asking.streaming import LatestText, MessageStream
from bot.slack.showing import Rendered, render_answer, render_draft
from bot.slack.text import escape
from bot.slack.transport import LOGGER, BlocksRefusedError, MessageGoneError, SlackRefusedError, error_code, tell
from db.errors import SlackError

if TYPE_CHECKING:
    from slack_sdk.models.blocks import Block
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.asking.support import Support
    from bot.slack.incoming import QuestionMessage
    from db.question import Answer

LOADING_STATUS = "is looking through the documents…"
LOADING_TEXT = "Looking through the documents…"

_log = logging.getLogger(LOGGER)


class Reply(Protocol):
    """Where the answer to one question goes; whoever answers knows no other way to speak.

    First `show_loading`, then `show_text` as often as there is more text, then `show_answer`. `say` may come instead
    of any of them and replaces whatever is there.
    """

    @property
    def posted(self) -> Sequence[str]:
        """Timestamps of the messages so far that show the answer: a reaction names one. None where nobody can react."""

    @property
    def troubles(self) -> Sequence[str]:
        """What went wrong on the way and was got round, as Slack's codes or kinds of error: to be counted."""

    async def show_loading(self) -> None:
        """Shows that the question was seen. Never raises: the answer itself may still get through."""

    async def show_text(self, text: str) -> None:
        """Shows the answer's text as far as it is written and checked. Waits for nobody and never raises."""

    async def show_answer(self, answer: Answer) -> None:
        """Shows the answer with its sources. Raises SlackError."""

    async def say(self, sentence: str) -> None:
        """Shows a plain sentence. Raises SlackError."""

    async def say_to_asker(self, sentence: str, blocks: Sequence[Block] = ()) -> None:
        """Says what concerns nobody else in a channel, so that nobody else there sees it. Raises SlackError.

        Where there are blocks, they show the sentence.
        """


class ThreadReply:
    """Speaks in the question's thread: a loading status, a stream, and at its end the rows of the sources.

    Where there is no loading status, a posted message stands in; where there are no streams, or one breaks, a message
    is updated instead. What was streamed is replaced if it isn't how the answer begins.
    """

    def __init__(self, client: AsyncWebClient, message: QuestionMessage, support: Support) -> None:
        self._client = client
        self._message = message
        self._channel = message.channel
        self._thread_ts = message.thread_ts or message.ts
        self._support = support
        self._shown_ts: str | None = None
        self._stream = MessageStream(client, message) if support.has("streams", message.channel) else None
        self._drafts = True
        self._text = LatestText(self._write)
        self.posted: list[str] = []
        self.troubles: list[str] = []

    async def show_loading(self) -> None:
        """Sets a status, or posts a message that the answer will replace; see `Reply`."""
        try:
            if not (self._support.has("statuses", self._channel) and await self._set_status()):
                await self._put(Rendered(LOADING_TEXT, []))
        except SlackError as error:
            self._note("No loading status", error)

    async def show_text(self, text: str) -> None:
        """Streams, or updates a message about once a second; see `Reply`."""
        self._text.show(text)

    async def show_answer(self, answer: Answer) -> None:
        """Ends the stream with the rest and the rows, or puts the whole answer in its place; see `Reply`."""
        await self._text.finish()
        if not await self._end_stream(answer):
            await self._put_or_strip(await RENDERING.run(render_answer, answer))

    async def say(self, sentence: str) -> None:
        """In place of whatever is shown; see `Reply`."""
        await self._text.finish()
        await self._close_stream()
        await self._put(Rendered(escape(sentence), []))

    async def say_to_asker(self, sentence: str, blocks: Sequence[Block] = ()) -> None:
        """In the thread of a direct message, else by a message that only they see; see `Reply`."""
        asked = self._message
        if asked.channel_type == "im":
            await self.say(sentence)
        else:
            await tell(self._client, asked.channel, asked.user, sentence, asked.thread_ts, blocks)

    async def _write(self, text: str) -> bool:
        """Shows a text under way; whether it could. Whatever goes wrong, the answer itself is still to come."""
        if self._stream is not None and self._shown_ts in (None, self._stream.ts):
            try:
                sent = await self._stream.send(text)
                self._know(self._stream.ts)
                return sent
            except Exception as error:
                self._support.learn("streams", self._channel, error)
                if self._support.has("streams", self._channel):
                    self._note("A stream broke", error)
                await self._close_stream()
        if self._drafts:
            try:
                await self._put(await RENDERING.run(render_draft, text))
            except Exception as error:
                self._drafts = False
                self._note("No draft", error)
        return True

    async def _end_stream(self, answer: Answer) -> bool:
        """Whether the stream's message now holds the whole answer."""
        if self._stream is None or self._stream.ts is None:
            return False
        try:
            if await self._stream.finish(answer):
                self._stream = None
                return True
        except SlackError as error:
            self._note("A stream broke", error)
        await self._close_stream()
        return False

    async def _close_stream(self) -> None:
        """Ends it as it is, so that its message can be updated; one that Slack ended already is fine."""
        stream, self._stream = self._stream, None
        if stream is not None:
            self._know(stream.ts)
            await stream.close()

    async def _put_or_strip(self, rendered: Rendered) -> None:
        try:
            await self._put(rendered)
        except BlocksRefusedError as error:
            self._note("Blocks were refused", error)
            await self._put(Rendered(rendered.text, []))

    async def _put(self, rendered: Rendered) -> None:
        """Shows it in place of what is there, if anything is."""
        if self._shown_ts is not None:
            with suppress(MessageGoneError):
                await self._client.chat_update(
                    channel=self._channel, ts=self._shown_ts, text=rendered.text, blocks=rendered.blocks, parse="none"
                )
                return
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
        self._know(str(posted["ts"]))

    async def _set_status(self) -> bool:
        try:
            await self._client.assistant_threads_setStatus(
                channel_id=self._channel, thread_ts=self._thread_ts, status=LOADING_STATUS
            )
        except SlackRefusedError as error:
            self._support.learn("statuses", self._channel, error)
            return False
        return True

    def _know(self, message_ts: str | None) -> None:
        if message_ts is not None and message_ts != self._shown_ts:
            self._shown_ts = message_ts
            self.posted.append(message_ts)

    def _note(self, what: str, error: BaseException) -> None:
        self.troubles.append(error_code(error))
        _log.warning("%s in %s: %s.", what, self._channel, error_code(error))
