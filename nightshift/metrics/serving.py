"""The address at which a process tells its figures, that it lives, and whether it is ready."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from db.errors import ConfigurationError
from db.store import engine_beside, pulse_of
from nightshift.metrics.answered import Answered
from nightshift.metrics.standing import Standing

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings

PULSE_WITHIN_S = 2.0
REQUEST_TIMEOUT_S = 10
STATEMENT_TIMEOUT_S = 5
"""Of each count: under what Prometheus waits for all of them."""

Reply = tuple[int, str, bytes]

_log = logging.getLogger(__name__)


@contextmanager
def telling_figures(
    settings: Settings,
    port: int | None,
    engine: sa.Engine,
    is_ready: Callable[[], bool] = lambda: True,
    *,
    or_go_on: bool = False,
) -> Iterator[Answered]:
    """Listens at the port while the block runs, in threads of its own; without a port it only counts.

    With `or_go_on` a port that can't be had is told of, and it only counts as well.

    `/metrics` has the figures, `/healthz` says that the process lives, `/readyz` whether it can work: that its database
    answers, and `is_ready`.

    Raises:
        ConfigurationError: the port can't be had.
    """
    registry = CollectorRegistry()
    answered = Answered(registry)
    if port is None:
        yield answered
        return
    replies: dict[str, Callable[[str], Reply]] = {
        "/metrics": lambda accepted: _figures(registry, accepted),
        "/healthz": lambda _: _say(True),
        "/readyz": lambda _: _say(is_ready() and pulse_of(engine).beats(PULSE_WITHIN_S)),
    }
    try:
        server = _listen((settings.metrics_host, port), replies)
    except ConfigurationError as error:
        if not or_go_on:
            raise
        _log.error("%s Until then no figures are told of this process.", error)
        yield answered
        return
    watching = engine_beside(engine, statement_timeout_s=STATEMENT_TIMEOUT_S)
    registry.register(Standing(watching, settings))
    thread = threading.Thread(target=server.serve_forever, name="figures", daemon=True)
    with server:
        thread.start()
        try:
            yield answered
        finally:
            server.shutdown()
            thread.join()
            watching.dispose()


def _listen(address: tuple[str, int], replies: dict[str, Callable[[str], Reply]]) -> ThreadingHTTPServer:
    try:
        return _Server(address, _handler(replies))
    except OSError as error:
        raise ConfigurationError(
            f"Port {address[1]} on {address[0]} can't be used for figures ({error.strerror}): set "
            "NIGHTSHIFT_METRICS_PORT or NIGHTSHIFT_NIGHTS_METRICS_PORT to another, each its own."
        ) from None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    """One that asks and never listens must not keep the process from its end."""


def _handler(replies: dict[str, Callable[[str], Reply]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = REQUEST_TIMEOUT_S

        def do_GET(self) -> None:  # noqa: N802 - as the standard library calls it
            reply = replies.get(urlsplit(self.path).path)
            status, kind, body = reply(self.headers.get("Accept", "")) if reply else (404, "text/plain", b"")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Who looks every few seconds isn't logged."""

    return Handler


def _figures(registry: CollectorRegistry, accepted: str) -> Reply:
    encode, kind = choose_encoder(accepted)
    return 200, kind, encode(registry)


def _say(holds: bool) -> Reply:
    return 200 if holds else 503, "application/json", json.dumps({"ok": holds}).encode()
