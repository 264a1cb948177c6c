"""The guard at the edge: what it turns away, with which status, and that no word of it is logged."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import pytest
import sqlalchemy as sa

from bot.answer import Answerer
from bot.slack import http
from bot.slack.app import build_app
from bot.slack.http import BODY_LIMIT, CLOCK_TOLERANCE_S, build_http, serve_http
from db.engine import create_engine
from db.errors import ConfigurationError
from db.settings import Settings
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


@pytest.fixture
def engine() -> sa.Engine:
    """Of a database that isn't there: what the guard turns away never gets as far."""
    return create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")


@pytest.fixture
async def address(engine: sa.Engine) -> AsyncIterator[str]:
    """The address of the real server with the real app, beside a Web API of the tests' own."""
    async with OwnSlack().running() as api_url:
        settings = make_settings(slack_api_url=api_url)
        app = build_app(settings, engine, Answerer(engine, settings, encoders(), None))
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


FORGED = [
    pytest.param({}, id="nothing"),
    pytest.param({"X-Slack-Request-Timestamp": "abc", "X-Slack-Signature": "v0=00"}, id="timestamp abc"),
    pytest.param({"X-Slack-Request-Timestamp": "\u0661", "X-Slack-Signature": "v0=00"}, id="foreign digits"),
    pytest.param({"X-Slack-Request-Timestamp": "9" * 400, "X-Slack-Signature": "v0=00"}, id="huge timestamp"),
    pytest.param({"X-Slack-Request-Timestamp": "-5", "X-Slack-Signature": "v0=00"}, id="negative timestamp"),
    pytest.param(signed(event(), secret="another"), id="forged"),
    pytest.param(signed(b"another body"), id="another body's"),
    pytest.param(signed(event(), at=time.time() - 400), id="stale"),
    pytest.param(signed(event(), at=time.time() + 86_400), id="future"),
    pytest.param(signed(event()) | {"X-Slack-Signature": "v0=\u00e9\u20ac"}, id="non-ASCII signature"),
    pytest.param(signed(event()) | {"X-Slack-Signature": ""}, id="empty signature"),
]


@pytest.mark.parametrize("headers", FORGED)
async def test_forged_requests_are_unauthorised(
    address: str, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    status, answer = await post(address, event(), JSON | headers)
    assert status == 401
    assert MARK not in answer + caplog.text


@pytest.mark.parametrize(
    "body",
    [
        b"{" + MARK.encode(),
        b"[]",
        b'"' + MARK.encode() + b'"',
        b"null",
        b"\xff\xfe{",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        event(event=[MARK], team=5),
        event(authorizations=[MARK]),
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_malformed_bodies_are_bad_requests(address: str, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    status, answer = await post(address, body, JSON | signed(body))
    assert status == 400
    assert MARK not in answer + caplog.text


async def test_malformed_forms_are_bad_requests(address: str) -> None:
    for form in ({"payload": "{"}, {"payload": "[]"}, {"payload": '"x"'}):
        body = urlencode(form).encode()
        headers = signed(body) | {"Content-Type": "application/x-www-form-urlencoded"}
        assert (await post(address, body, headers))[0] == 400


async def test_ten_megabytes_are_too_long(address: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = event(padding="x" * 10_000_000)
    assert (await post(address, body, JSON | signed(body)))[0] == 413
    assert MARK not in caplog.text


async def test_an_unannounced_length_is_measured(address: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(BODY_LIMIT // 65_536 + 1):
            yield b"x" * 65_536

    async with aiohttp.ClientSession() as session:
        async with session.post(address, data=pieces(), headers=JSON | signed(b"")) as response:
            assert response.status == 413


@pytest.mark.parametrize("off_by_s", [-CLOCK_TOLERANCE_S - 10, CLOCK_TOLERANCE_S + 10])
async def test_what_was_signed_more_than_five_minutes_away_is_unauthorised(address: str, off_by_s: int) -> None:
    assert (await verify(address, time.time() + off_by_s))[0] == 401


@pytest.mark.parametrize("off_by_s", [-CLOCK_TOLERANCE_S + 10, CLOCK_TOLERANCE_S - 10])
async def test_what_was_signed_within_five_minutes_is_taken(address: str, off_by_s: int) -> None:
    assert (await verify(address, time.time() + off_by_s))[0] == 200


async def answer_to_half(address: str, headers: dict[str, str]) -> bytes:
    """The first line of the answer to a request whose body doesn't come whole."""
    place = urlsplit(address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(f"POST {place.path} HTTP/1.1\r\n".encode())
    head = {"Host": "here", "Content-Length": "9"} | headers
    writer.write("".join(f"{name}: {value}\r\n" for name, value in head.items()).encode() + b"\r\n123")
    answer = await asyncio.wait_for(reader.readline(), 30)
    writer.close()
    return answer


async def test_a_body_that_does_not_come_is_given_up(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_TIMEOUT_S", 0.1)
    assert await answer_to_half(address, signed(b"123456789")) == b"HTTP/1.1 400 Bad Request\r\n"


@pytest.mark.parametrize(
    "headers", [{}, signed(b"123456789", at=time.time() - 400), signed(b"123456789") | {"X-Slack-Signature": "v1=0"}]
)
async def test_what_can_not_be_fresh_is_refused_before_its_body(address: str, headers: dict[str, str]) -> None:
    assert await answer_to_half(address, headers) == b"HTTP/1.1 401 Unauthorized\r\n"


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


async def test_a_failure_inside_asks_slack_to_try_again(engine: sa.Engine) -> None:
    """The token can't be checked: nothing was acknowledged, so nothing is lost."""
    slack = OwnSlack()
    slack.answers["auth.test"] = [(503, {}, {"ok": False})]
    async with slack.running() as api_url:
        settings = make_settings(slack_api_url=api_url)
        app = build_app(settings, engine, Answerer(engine, settings, encoders(), None))
        stop = asyncio.Event()
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve_http(app, settings, stop, ready.set_result))
        body = event(team_id="T1")
        status, _ = await post(await ready, body, JSON | signed(body))
        stop.set()
        await serving
    assert status == 503


async def test_a_taken_port_is_one_plain_sentence(engine: sa.Engine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = make_settings(http_port=taken.getsockname()[1])
        app = build_app(settings, engine, Answerer(engine, settings, encoders(), None))
        with pytest.raises(ConfigurationError, match="NIGHTSHIFT_HTTP_PORT"):
            await serve_http(app, settings, asyncio.Event())


async def test_without_a_signing_secret_there_is_no_http(engine: sa.Engine) -> None:
    settings = make_settings(slack_signing_secret=None)
    app = build_app(settings, engine, Answerer(engine, settings, encoders(), None))
    with pytest.raises(ConfigurationError, match="NIGHTSHIFT_SLACK_SIGNING_SECRET"):
        build_http(app, settings)
