"""A deadline for all of an answer, which a server can't put off by sending a little of it now and then."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore


class Deadline(httpcore.NetworkBackend):
    """Connections of which nothing is read or written later than `seconds` after `start`; one request at a time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._network = httpcore.SyncBackend()
        self._ends_at = 0.0

    def start(self) -> None:
        """A request begins."""
        self._ends_at = time.monotonic() + self._seconds

    def left_s(self, timeout: float | None) -> float:
        """How long the next step may take; not positive where it is too late."""
        left = self._ends_at - time.monotonic()
        return left if timeout is None else min(left, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects, as the network does."""
        return _Stream(self._network.connect_tcp(host, port, timeout, local_address, socket_options), self)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.left_s(timeout)
        if left <= 0:
            raise httpcore.ReadTimeout
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._deadline.left_s(timeout)
        if left <= 0:
            raise httpcore.WriteTimeout
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore has it
        return self._stream.get_extra_info(info)
