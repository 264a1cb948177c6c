"""A text shown while it is being written: what of it is certain, at a bearable pace, in a stream of Slack's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from os.path import commonprefix
from typing import TYPE_CHECKING

from bot.pools import RENDERING
from bot.slack.showing import render_rows, stream_text
from bot.slack.text import is_harmless
from db.errors import SlackError

if TYPE_CHECKING:
    from slack_sdk.web.async_chat_stream import AsyncChatStream
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.incoming import QuestionMessage
    from db.question import Answer

WRITE_EVERY_S = 1.2
"""Seconds between two changes of one message: Slack takes about fifty a minute."""

_FENCE = re.compile(r"^ {0,3}```", re.MULTILINE)
_MARK = re.compile(r"`+|~~|(?<=[^\s*])\*+|\*+(?![\s*])|(?<!\w)_+|_+(?!\w)")
_TABLE_AT_END = re.compile(r"(?:^[^\n|]*+\|[^\n]*+(?:\n|\Z))++\Z", re.MULTILINE)
_BARE_MARKUP_AT_END = re.compile(r"^[\s>*+\-#\d.)`~=:_]*+\Z", re.MULTILINE)


class LatestText:
    """Hands on the newest of many texts, one at a time, so that whoever has them never waits.

    `write` tells whether it showed anything: then there is a pause.
    """

    def __init__(self, write: Callable[[str], Awaitable[bool]]) -> None:
        self._write = write
        self._text = ""
        self._written = ""
        self._finished = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def show(self, text: str) -> None:
        """Has this text written soon, unless a newer one comes first."""
        self._text = text
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def finish(self) -> None:
        """Writes nothing more; waits for what is on its way, since only then it is known what people see."""
        self._finished.set()
        if self._task is not None:
            await asyncio.wait((self._task,))

    async def _run(self) -> None:
        while self._text != self._written and not self._finished.is_set():
            text = self._text
            shown = await self._write(text)
            self._written = text
            if shown:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._finished.wait(), WRITE_EVERY_S)


class MessageStream:
    """One message in a thread that grows. What was sent can't be taken back, so only what is certain is sent.

    Slack puts together what is appended, so what is checked before each piece is all of it.
    """

    def __init__(self, client: AsyncWebClient, message: QuestionMessage) -> None:
        self._client = client
        self._message = message
        self._stream: AsyncChatStream | None = None
        self._sent = ""

    @property
    def ts(self) -> str | None:
        """The message's timestamp, once there is one."""
        return self._stream.ts if self._stream is not None else None

    async def send(self, text: str) -> bool:
        """Sends what is new and certain of an answer that is still being written; whether anything is.

        Raises SlackError.
        """
        certain = await RENDERING.run(certain_markdown, text)
        if len(certain) <= len(self._sent) or not certain.startswith(self._sent) or not is_harmless(certain):
            return False
        if self._stream is None:
            self._stream = await self._start()
        await self._stream.append(markdown_text=certain[len(self._sent) :])
        self._sent = certain
        return True

    async def finish(self, answer: Answer) -> bool:
        """Sends the rest and the sources' rows.

        False, and nothing sent, where the answer begins in another way, or isn't harmless as a whole.
        Raises SlackError.
        """
        whole = await RENDERING.run(stream_text, answer.text)
        if self._stream is None or not whole.startswith(self._sent) or not is_harmless(whole):
            return False
        await self._stream.stop(markdown_text=whole[len(self._sent) :], blocks=render_rows(answer))
        return True

    async def close(self) -> None:
        """Ends the stream as it is; Slack may have ended it already."""
        if self.ts is not None:
            with suppress(SlackError):
                await self._client.chat_stopStream(channel=self._message.channel, ts=self.ts)

    async def _start(self) -> AsyncChatStream:
        message = self._message
        return await self._client.chat_stream(
            channel=message.channel,
            thread_ts=message.thread_ts or message.ts,
            recipient_team_id=message.team,
            recipient_user_id=message.user,
            buffer_size=1,  # `LatestText` has done the waiting
        )


def certain_markdown(text: str) -> str:
    """The part of a rendered text that stays as it is, most likely, whatever is written next.

    Where it doesn't, the finished answer replaces the stream's message: nothing but a flicker depends on this.
    """
    text = _without_open_ends(text)
    return str(commonprefix([stream_text(text), stream_text(text + "…")])).rstrip("\n") if text.strip() else ""


def _without_open_ends(text: str) -> str:
    """Cuts off a word, table, emphasis or code that may go on, and a line that may yet become a list or heading."""
    text = re.sub(r"\S+\Z", "", text)  # half a word may be half an address
    if len(_FENCE.findall(text)) % 2:
        return text
    text = _BARE_MARKUP_AT_END.sub("", _TABLE_AT_END.sub("", text))
    begin = text.rfind("\n\n") + 1
    opened: dict[str, int] = {}
    for mark in _MARK.finditer(text, begin):
        if opened.pop(mark[0], None) is None:
            opened[mark[0]] = mark.start()
    return text[: min(opened.values(), default=len(text))]
