"""The guard at the edge: what it turns away, with which status, and that no word of it is logged."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode, urlsplit

import aiohttp
import pytest

from bot.slack.transport import signed_requests
from bot.slack.transport.signed_requests import BODY_LIMIT, CLOCK_TOLERANCE_S
from tests.bot.slack.transport.http_served import JSON, MARK, event, post, served, verify
from tests.doubles_slack import OwnSlack, signed

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


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async with served(OwnSlack()) as address:
        yield address


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
    monkeypatch.setattr(signed_requests, "BODY_TIMEOUT_S", 0.1)
    assert await answer_to_half(address, signed(b"123456789")) == b"HTTP/1.1 400 Bad Request\r\n"


@pytest.mark.parametrize(
    "headers", [{}, signed(b"123456789", at=time.time() - 400), signed(b"123456789") | {"X-Slack-Signature": "v1=0"}]
)
async def test_what_can_not_be_fresh_is_refused_before_its_body(address: str, headers: dict[str, str]) -> None:
    assert await answer_to_half(address, headers) == b"HTTP/1.1 401 Unauthorized\r\n"


async def test_what_bolt_trips_over_is_a_bad_request_and_not_a_failure(
    address: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(*_: object) -> None:
        raise KeyError(MARK)

    monkeypatch.setattr(signed_requests, "to_async_bolt_request", trip)
    body = event(team_id="T1")
    status, answer = await post(address, body, JSON | signed(body))
    assert (status, MARK in answer + caplog.text) == (400, False)
