"""However little a server sends now and then, an answer has an end."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import httpcore
import httpx
import pytest

from intake.websites import deadline as deadline_module
from intake.websites.deadline import Deadline
from intake.websites.public import PublicTransport

LONG = 500
"""Parts that a server sends, each after 0.02 s: many times the deadline."""


@contextmanager
def trickling(first: bytes, part: bytes) -> Iterator[str]:
    """A server that goes on and on, until nobody listens."""
    done = threading.Event()

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            try:
                connection.sendall(first)
                for _ in range(LONG):
                    if done.wait(0.02):
                        return
                    connection.sendall(part)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize(
    ("first", "part"),
    [
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
    ],
    ids=["headers", "hints", "body"],
)
def test_an_answer_that_trickles_is_given_up(first: bytes, part: bytes) -> None:
    transport = PublicTransport(allow_private=True, deadline_s=0.2)
    with trickling(first, part) as url, httpx.Client(transport=transport) as client, pytest.raises(httpx.ReadTimeout):
        client.get(url, timeout=20.0)


def test_the_next_request_has_time_of_its_own() -> None:
    transport = PublicTransport(allow_private=True, deadline_s=0.2)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with httpx.Client(transport=transport) as client:
        with trickling(b"HTTP/1.1 200 OK\r\nX: ", b"x") as url, pytest.raises(httpx.ReadTimeout):
            client.get(url)
        with trickling(answer, b"") as url:
            assert client.get(url).text == "ok"


@pytest.mark.parametrize("is_secure", [False, True])
def test_once_it_is_late_nothing_more_is_read_or_written(monkeypatch: pytest.MonkeyPatch, is_secure: bool) -> None:
    now = [100.0]
    monkeypatch.setattr(deadline_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    deadline = Deadline(60.0)
    monkeypatch.setattr(deadline, "_network", httpcore.MockBackend([b"a", b"b"]))
    deadline.start()
    stream = deadline.connect_tcp("h.example", 443)
    if is_secure:
        stream = stream.start_tls(ssl.create_default_context(), "h.example")
    now[0] += 59.0
    stream.write(b"asked")
    assert stream.read(1) == b"a"
    now[0] += 1.0
    with pytest.raises(httpcore.WriteTimeout):
        stream.write(b"asked")
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(1)
    deadline.start()
    assert stream.read(1) == b"b"
