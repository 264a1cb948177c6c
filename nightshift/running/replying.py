"""The running one's side of `nightshift.running.beside`: takes questions and votes from its machine's command line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from db.errors import NightshiftError
from nightshift.console import cast_vote, console_question
from nightshift.running.beside import LINE_BYTES, SOCKET, agrees, is_trusted, socket_address
from nightshift.terminal.person import PERSON

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.answering import Answerer
    from db.settings import Settings

REQUEST_TIMEOUT_S = 5.0
"""Seconds in which whoever connects must have said what they want."""

_log = logging.getLogger(__name__)


@contextmanager
def answering_beside(
    settings: Settings, engine: sa.Engine, answerer: Answerer, loop: asyncio.AbstractEventLoop
) -> Iterator[None]:
    """Listens in the data folder while the block runs, on a loop that runs in another thread.

    Where it can't, as on systems that don't tell who is on the other side, it doesn't.
    """
    door = _Door(settings, engine, answerer)
    try:
        server = asyncio.run_coroutine_threadsafe(door.open(), loop).result()
    except (OSError, AttributeError) as error:
        _log.info("`nightshift ask` won't be answered from here (%s).", type(error).__name__)
        yield
        return
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(door.close(server), loop).result()


class _Door:
    def __init__(self, settings: Settings, engine: sa.Engine, answerer: Answerer) -> None:
        self._settings = settings
        self._engine = engine
        self._answerer = answerer
        self._guests: set[asyncio.Task[None]] = set()
        self._inode = 0

    async def open(self) -> asyncio.Server:
        """Takes the socket's name over from one that was killed; nobody can connect before its mode is set."""
        if not hasattr(socket, "SO_PEERCRED"):
            raise OSError("who connects can't be known here")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with socket_address(self._settings.home) as address:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(address)
                listener.bind(address)
                os.chmod(address, 0o600)
                self._inode = os.stat(address).st_ino
            return await asyncio.start_unix_server(self._receive, sock=listener, limit=LINE_BYTES)
        except BaseException:
            listener.close()
            raise

    async def close(self, server: asyncio.Server) -> None:
        """Ends what is under way: who asked answers by themselves."""
        server.close()
        for task in self._guests:
            task.cancel()
        await asyncio.gather(*self._guests, return_exceptions=True)
        path = self._settings.home / SOCKET
        with contextlib.suppress(OSError):
            if path.stat().st_ino == self._inode:  # another one may have taken the name over
                path.unlink()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio makes one for each connection
        self._guests.add(task)
        try:
            if not is_trusted(writer.get_extra_info("socket")):
                return
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                request = json.loads(await reader.readline())
            accepted = request["version"] == version("nightshift") and agrees(self._settings, request["settings"])
            _send(writer, {"accepted": accepted})
            if accepted:
                _send(writer, await self._carry_out(request))
            await writer.drain()
        except Exception as error:  # whatever it is, who asked goes on alone
            _log.warning("A request on %s was dropped (%s).", SOCKET, type(error).__name__)
        finally:
            self._guests.discard(task)
            writer.close()

    async def _carry_out(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            person = str(request.get("person", PERSON))
            if request["do"] == "ask":
                asked = console_question(str(request["question"]), person=person)
                return {"answer": asdict(await self._answerer.answer(asked))}
            before = await asyncio.to_thread(
                cast_vote, self._engine, str(request["citation"]), int(request["value"]), person=person
            )
            return {"before": before}
        except NightshiftError as error:
            return {"error": str(error), "exit_code": error.exit_code}


def _send(writer: asyncio.StreamWriter, reply: dict[str, Any]) -> None:
    writer.write(json.dumps(reply).encode() + b"\n")
