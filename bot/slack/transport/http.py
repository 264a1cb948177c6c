"""Slack over HTTP: signed requests go through to Bolt, and whoever watches is told how things are."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.slack.transport.client import LOGGER
from bot.slack.transport.connections import ACCEPTED_AT_ONCE, GuardedConfig
from bot.slack.transport.signed_requests import RequestRefusedError, read_signed
from db.errors import ConfigurationError
from db.store import pulse_of

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.slack.transport.bolt_app import SlackApp
    from db.settings import Settings

EVENTS_PATH = "/slack/events"
HEALTH_PATH = "/healthz"
READY_PATH = "/readyz"
READY_TIMEOUT_S = 2
GRACEFUL_STOP_S = 5

_log = logging.getLogger(LOGGER)


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
            bolt_request = await read_signed(secret, request)
        except RequestRefusedError as refused:
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
        is_ready = await _answers(app.engine)
        return JSONResponse({"ok": is_ready}, status_code=200 if is_ready else 503)

    return Starlette(
        routes=[
            Route(EVENTS_PATH, events, methods=["POST"]),
            Route(HEALTH_PATH, health),
            Route(READY_PATH, ready),
        ]
    )


async def _answers(engine: sa.Engine) -> bool:
    """Whether the database does, in time."""
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            # shielded: others may wait for the same answer
            return await asyncio.shield(asyncio.wrap_future(pulse_of(engine).feel()))
    except TimeoutError:
        return False


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
