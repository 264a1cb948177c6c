"""Slack over HTTP: a guard at the edge that lets only signed requests of a sane size through to Bolt.

Bolt by itself answers 500 to a timestamp that is no number and to a signature that isn't ASCII, and parses a body
before it verifies it. Here every request is measured, verified and parsed first: 413, 401 or 400, and never a word of
it in the log.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.slack.client import LOGGER
from bot.slack.connections import ACCEPTED_AT_ONCE, GuardedConfig
from bot.slack.envelope import MisshapenError, parse_body, require_shape
from db.errors import ConfigurationError
from db.pulse import pulse_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncBoltRequest

    from bot.slack.bolt_app import SlackApp
    from db.settings import Settings

EVENTS_PATH = "/slack/events"
HEALTH_PATH = "/healthz"
READY_PATH = "/readyz"
BODY_LIMIT = 1_048_576
"""Bytes; Slack's own requests stay far below."""
CLOCK_TOLERANCE_S = 300
BODY_TIMEOUT_S = 10
READY_TIMEOUT_S = 2
GRACEFUL_STOP_S = 5

_log = logging.getLogger(LOGGER)


class _Refused(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def build_http(app: SlackApp, settings: Settings) -> Starlette:
    """The ASGI application: Slack's requests on `/slack/events`, and two addresses for whoever watches.

    `/healthz` says that the process lives, `/readyz` that it can answer: that its database does.

    Raises:
        ConfigurationError: there is no signing secret.
    """
    if settings.slack_signing_secret is None:
        raise ConfigurationError(
            "NIGHTSHIFT_SLACK_SIGNING_SECRET isn't set: without it, requests over HTTP can't be told from forged ones. "
            "It is on the app's page, Basic Information."
        )
    secret = settings.slack_signing_secret.get_secret_value().encode()

    async def events(request: Request) -> Response:
        try:
            require_fresh_signature_headers(request)
            body = await read_body(request)
            require_signature(secret, request, body)
            bolt_request = parse_request(request, body)
        except _Refused as refused:
            _log.warning("Refused a request (%d): %s.", refused.status, refused)
            return JSONResponse({"error": str(refused)}, status_code=refused.status)
        answer = await app.async_dispatch(bolt_request)
        if answer.status >= 500:
            # Whatever failed here, Slack sends it again.
            return JSONResponse({"error": "try again"}, status_code=503)
        return to_starlette_response(answer)

    async def health(request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def ready(request: Request) -> Response:
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                # shielded: others may wait for the same answer
                is_ready = await asyncio.shield(asyncio.wrap_future(pulse_of(app.engine).feel()))
        except TimeoutError:
            is_ready = False
        return JSONResponse({"ok": is_ready}, status_code=200 if is_ready else 503)

    return Starlette(
        routes=[
            Route(EVENTS_PATH, events, methods=["POST"]),
            Route(HEALTH_PATH, health),
            Route(READY_PATH, ready),
        ]
    )


def require_fresh_signature_headers(request: Request) -> None:
    """Refuses, before a byte of the body is read, what can't be a signed request of these minutes."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise _Refused(401, "no timestamp")
    if abs(time.time() - int(timestamp)) > CLOCK_TOLERANCE_S:
        raise _Refused(401, "stale timestamp")
    if not request.headers.get("x-slack-signature", "").startswith("v0="):
        raise _Refused(401, "no signature")


async def read_body(request: Request) -> bytes:
    """Reads the body, giving up as soon as it is too long or takes too long."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced[:12]) > BODY_LIMIT:
        raise _Refused(413, "too long")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for piece in request.stream():
                body += piece
                if len(body) > BODY_LIMIT:
                    raise _Refused(413, "too long")
    except (TimeoutError, ClientDisconnect):
        raise _Refused(400, "incomplete") from None
    return bytes(body)


def require_signature(secret: bytes, request: Request, body: bytes) -> None:
    """Slack's v0 scheme: HMAC-SHA256 over `v0:<timestamp>:<body>`, compared in constant time as bytes."""
    signed = b"v0:" + request.headers["x-slack-request-timestamp"].encode() + b":" + body
    expected = "v0=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), request.headers["x-slack-signature"].encode()):
        raise _Refused(401, "wrong signature")


def parse_request(request: Request, body: bytes) -> AsyncBoltRequest:
    """The request as Bolt takes it; refuses what isn't shaped as what Slack sends."""
    try:
        require_shape(parse_body(body, request.headers.get("content-type", "")))
        return to_async_bolt_request(request, body)
    except MisshapenError as error:
        raise _Refused(400, f"malformed, {error}") from None
    except Exception as error:  # what else Bolt trips over isn't what Slack sends either
        raise _Refused(400, f"malformed, {type(error).__name__}") from None


async def serve_http(
    app: SlackApp, settings: Settings, stop: asyncio.Event, on_ready: Callable[[str], None] = lambda address: None
) -> None:
    """Serves until `stop` is set, then lets running requests end; signals are the caller's business.

    Args:
        app: what `build_app` made.
        settings: host, port and signing secret.
        stop: ends it.
        on_ready: called with the address once it listens.

    Raises:
        ConfigurationError: no signing secret, or the port can't be had.
    """
    application = build_http(app, settings)
    with _listening_socket(settings.http_host, settings.http_port) as listening:
        config = GuardedConfig(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACEFUL_STOP_S,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        stopping = asyncio.create_task(stop.wait())
        try:
            on_ready(f"http://{settings.http_host}:{listening.getsockname()[1]}{EVENTS_PATH}")
            await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the process: it has more to stop than this server."""
        yield


@contextmanager
def _listening_socket(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigurationError(f"NIGHTSHIFT_HTTP_HOST names no address of this machine ({error.strerror}).") from None
    with listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
            listening.listen(ACCEPTED_AT_ONCE)
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} on {host} can't be used ({error.strerror}): stop what uses it, "
                "or set NIGHTSHIFT_HTTP_PORT to another."
            ) from None
        yield listening
