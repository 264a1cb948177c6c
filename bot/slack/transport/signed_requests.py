"""Requests over HTTP that Slack signed: measured, verified and parsed before Bolt sees them.

Bolt by itself answers 500 to a timestamp that is no number and to a signature that isn't ASCII, and parses a body
before it verifies it. Here everything else is turned away first: 413, 401 or 400, and never a word of it in the log.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from typing import TYPE_CHECKING

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request
from starlette.requests import ClientDisconnect, Request

from bot.slack.incoming import MisshapenError, parse_body, require_shape

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncBoltRequest

BODY_LIMIT = 1_048_576
"""Bytes; Slack's own requests stay far below."""
CLOCK_TOLERANCE_S = 300
BODY_TIMEOUT_S = 10


class RequestRefusedError(Exception):
    """Somebody who isn't Slack, or something that Slack doesn't send; `status` is what to answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


async def read_signed(secret: bytes, request: Request) -> AsyncBoltRequest:
    """The request as Bolt takes it.

    Raises:
        RequestRefusedError: it isn't signed, too long, incomplete, or misshapen; without a word of it.
    """
    _require_fresh_signature_headers(request)
    body = await _read_body(request)
    _require_signature(secret, request, body)
    return _parse_request(request, body)


def _require_fresh_signature_headers(request: Request) -> None:
    """Refuses, before a byte of the body is read, what can't be a signed request of these minutes."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise RequestRefusedError(401, "no timestamp")
    if abs(time.time() - int(timestamp)) > CLOCK_TOLERANCE_S:
        raise RequestRefusedError(401, "stale timestamp")
    if not request.headers.get("x-slack-signature", "").startswith("v0="):
        raise RequestRefusedError(401, "no signature")


async def _read_body(request: Request) -> bytes:
    """Reads the body, giving up as soon as it is too long or takes too long."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced[:12]) > BODY_LIMIT:
        raise RequestRefusedError(413, "too long")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for piece in request.stream():
                body += piece
                if len(body) > BODY_LIMIT:
                    raise RequestRefusedError(413, "too long")
    except (TimeoutError, ClientDisconnect):
        raise RequestRefusedError(400, "incomplete") from None
    return bytes(body)


def _require_signature(secret: bytes, request: Request, body: bytes) -> None:
    """Slack's v0 scheme: HMAC-SHA256 over `v0:<timestamp>:<body>`, compared in constant time as bytes."""
    signed = b"v0:" + request.headers["x-slack-request-timestamp"].encode() + b":" + body
    expected = "v0=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), request.headers["x-slack-signature"].encode()):
        raise RequestRefusedError(401, "wrong signature")


def _parse_request(request: Request, body: bytes) -> AsyncBoltRequest:
    """The request as Bolt takes it; refuses what isn't shaped as what Slack sends."""
    try:
        require_shape(parse_body(body, request.headers.get("content-type", "")))
        return to_async_bolt_request(request, body)
    except MisshapenError as error:
        raise RequestRefusedError(400, f"malformed, {error}") from None
    except Exception as error:  # what else Bolt trips over isn't what Slack sends either
        raise RequestRefusedError(400, f"malformed, {type(error).__name__}") from None
