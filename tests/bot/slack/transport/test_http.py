"""The bot over HTTP: what goes through to Bolt, how it says that it lives, and what keeps it from starting."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.slack.transport import http
from bot.slack.transport.http import build_http, serve_http
from db.errors import ConfigurationError
from db.store import create_engine
from tests.bot.slack.transport.http_served import JSON, MARK, event, make_app, make_settings, post, served, verify
from tests.doubles_slack import OwnSlack, signed


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async with served(OwnSlack()) as address:
        yield address


async def test_url_verification(address: str) -> None:
    status, answer = await verify(address, time.time())
    assert (status, json.loads(answer)) == (200, {"challenge": "c123"})


async def test_events_nobody_listens_to_are_no_error(address: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = event(event={"type": "emoji_changed", "name": MARK}, team_id="T1")
    assert (await post(address, body, JSON | signed(body)))[0] == 200
    assert MARK not in caplog.text


async def test_health_and_other_paths(address: str) -> None:
    root = address.removesuffix("/slack/events")
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{root}/healthz") as response:
            assert (response.status, await response.json()) == (200, {"ok": True})
        async with session.get(address) as response:
            assert response.status == 405
        async with session.post(f"{root}/elsewhere") as response:
            assert response.status == 404


async def test_a_failure_inside_asks_slack_to_try_again() -> None:
    """The token can't be checked: nothing was acknowledged, so nothing is lost."""
    slack = OwnSlack()
    slack.answers["auth.test"] = [(503, {}, {"ok": False})]
    body = event(team_id="T1")
    async with served(slack) as address:
        status, _ = await post(address, body, JSON | signed(body))
    assert status == 503


async def test_a_taken_port_is_one_plain_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = make_settings(http_port=taken.getsockname()[1])
        app = make_app(settings)
        with pytest.raises(ConfigurationError, match="NIGHTSHIFT_HTTP_PORT"):
            await serve_http(app, settings, asyncio.Event())


async def test_without_a_signing_secret_there_is_no_http() -> None:
    settings = make_settings(slack_signing_secret=None)
    app = make_app(settings)
    with pytest.raises(ConfigurationError, match="NIGHTSHIFT_SLACK_SIGNING_SECRET"):
        build_http(app, settings)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "1.2.3.4.5", "http://0.0.0.0"])
async def test_a_host_that_is_none_is_one_plain_sentence(host: str) -> None:
    settings = make_settings(http_host=host)
    with pytest.raises(ConfigurationError, match="NIGHTSHIFT_HTTP_HOST names no address of this machine"):
        await serve_http(make_app(settings), settings, asyncio.Event())


async def test_it_is_not_ready_while_the_database_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READY_TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = create_engine(f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/nowhere")
        assert not await http._answers(engine)
