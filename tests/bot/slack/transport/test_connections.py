"""Open connections: a request that never gets whole is dropped, and who owes the longest goes first."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.transport import connections
from bot.slack.transport.connections import GuardedConfig, connection_limit
from bot.slack.transport.http import _Server

LIMIT = 20
GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class Site:
    """A server whose requests can be held up."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.asked = asyncio.Event()
        self.port = 0

    async def respond(self, request: Request) -> Response:
        self.asked.set()
        await self.go_on.wait()
        return PlainTextResponse("here")

    async def refuse(self, request: Request) -> Response:
        return PlainTextResponse("no", 401)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        yield reader, writer
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr(connections, "connection_limit", lambda: LIMIT)
    monkeypatch.setattr(connections, "HEADER_TIMEOUT_S", 600)
    site = Site()
    routes = [Route("/", site.respond), Route("/no", site.refuse, methods=["POST"])]
    config = GuardedConfig(Starlette(routes=routes), log_config=None, lifespan="off", port=0, timeout_keep_alive=600)
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    site.port = server.servers[0].sockets[0].getsockname()[1]
    yield site
    server.should_exit = True
    await serving


async def is_answered(site: Site) -> bool:
    async with site.connection() as (reader, writer):
        writer.write(GET)
        return (await reader.readline()).startswith(b"HTTP/1.1 200")


async def is_dropped(reader: asyncio.StreamReader) -> None:
    """Waits until the other side is gone."""
    with suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 30)


@pytest.mark.parametrize("beginning", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: here\r\n"])
async def test_many_unfinished_heads_keep_nobody_out(site: Site, beginning: bytes) -> None:
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(5 * LIMIT):
            opened.append(await stack.enter_async_context(site.connection()))
            opened[-1][1].write(beginning)
        assert await is_answered(site)
        await is_dropped(opened[0][0])


async def test_nor_do_unfinished_bodies(site: Site) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(5 * LIMIT):
            _, writer = await stack.enter_async_context(site.connection())
            writer.write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nabc")
        assert await is_answered(site)


async def test_who_was_served_and_asks_no_more_makes_room(site: Site) -> None:
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(site.connection()) for _ in range(LIMIT)]
        for reader, writer in opened:
            writer.write(GET)
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        assert await is_answered(site)
        await is_dropped(opened[0][0])


async def test_who_is_being_served_stays_whoever_comes(site: Site) -> None:
    site.go_on.clear()
    async with AsyncExitStack() as stack:
        reader, writer = await stack.enter_async_context(site.connection())
        writer.write(GET)
        await site.asked.wait()
        for _ in range(5 * LIMIT):
            await stack.enter_async_context(site.connection())
        site.go_on.set()
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET / HTTP/1.1\r\nHost: he",
        GET + b"GET / HTTP/1.1\r\nHo",
        b"POST /no HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nabc",
    ],
    ids=["the first head", "the second head", "what was refused before it was whole"],
)
async def test_what_trickles_in_is_dropped_in_time(
    site: Site, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    monkeypatch.setattr(connections, "HEADER_TIMEOUT_S", 0.3)
    async with site.connection() as (reader, writer):
        writer.write(beginning)
        trickling = asyncio.create_task(trickle(writer))
        await is_dropped(reader)
        trickling.cancel()


async def trickle(writer: asyncio.StreamWriter) -> None:
    """A byte now and then, for ever: no pause is long enough to be one."""
    with suppress(ConnectionError):
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)


async def test_two_requests_on_one_connection_are_both_answered(site: Site) -> None:
    async with site.connection() as (reader, writer):
        writer.write(GET + GET)
        answer = b""
        while answer.count(b"HTTP/1.1 200") < 2:
            answer += await asyncio.wait_for(reader.read(4096), 30)


@pytest.mark.parametrize(("files", "limit"), [(1024, 512), (400, 100), (256, 16), (resource.RLIM_INFINITY, 512)])
def test_the_limit_leaves_the_process_its_files(monkeypatch: pytest.MonkeyPatch, files: int, limit: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert connection_limit() == limit
