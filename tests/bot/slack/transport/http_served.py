"""The bot over HTTP: the real server with the real app, beside a Web API of the tests' own."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.transport import SlackApp
from bot.slack.transport.http import serve_http
from db.settings import Settings
from db.store import create_engine
from tests.corpus import encoders
from tests.doubles_slack import BOT_TOKEN, SECRET, OwnSlack, free_port, signed

MARK = "the-words-of-a-person"
JSON = {"Content-Type": "application/json"}


def make_settings(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "data_dir": Path("unused"),
        "slack_bot_token": BOT_TOKEN,
        "slack_signing_secret": SECRET,
        "http_port": free_port(),
    }
    return Settings(**(values | changes))


def make_app(settings: Settings) -> SlackApp:
    """The real app, on a database that isn't there: what is turned away never gets as far."""
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    return build_app(settings, engine, Answerer(engine, settings, encoders(), None))


@asynccontextmanager
async def served(slack: OwnSlack) -> AsyncIterator[str]:
    """Serves until the end of the block; yields the address for events."""
    async with slack.running() as api_url:
        settings = make_settings(slack_api_url=api_url)
        app = make_app(settings)
        stop = asyncio.Event()
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve_http(app, settings, stop, ready.set_result))
        yield await ready
        stop.set()
        await serving
        await app.finish(5)


async def post(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=io.BytesIO(body), headers=headers) as response,
    ):
        return response.status, await response.text()


async def verify(address: str, at: float) -> tuple[int, str]:
    body = json.dumps({"type": "url_verification", "challenge": "c123"}).encode()
    return await post(address, body, JSON | signed(body, at=at))


def event(**content: Any) -> bytes:
    return json.dumps({"type": "event_callback", "event": {"type": "message", "text": MARK}} | content).encode()
