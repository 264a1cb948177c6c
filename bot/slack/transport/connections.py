"""Connections to the HTTP server: whoever opens many and sends nothing keeps nobody else out.

Uvicorn bounds the wait between two requests and nothing else: not how long one may take to arrive, nor how many
connections stand open, until the process has no descriptors left and asyncio logs each one that it can't accept.
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEADER_TIMEOUT_S = 10
"""Seconds that a request's head may take to arrive, from the connection or the last answer on."""
MAX_CONNECTIONS = 512
ACCEPTED_AT_ONCE = 128
RESERVED_FILES = 300
"""Descriptors that the rest of the process keeps: the database's, Slack's, models', and what is accepted at once."""
MAX_HEAD = 16_384
"""Bytes of a request's head; Slack's are a tenth of that."""


def connection_limit() -> int:
    """How many connections may stand open: as many as the process's descriptors allow, within reason."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(16, min(MAX_CONNECTIONS, files - RESERVED_FILES))


class Guests:
    """The open connections; `owing` are those that owe us the rest of a request, the longest first."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.count = 0
        self.owing: dict[GuardedProtocol, None] = {}

    def come(self, guest: GuardedProtocol) -> None:
        """Lets one in; where there are too many, who has been owing the longest must go."""
        self.count += 1
        self.owing[guest] = None
        if self.count > self.limit:
            longest = next(iter(self.owing))
            del self.owing[longest]
            longest.transport.abort()

    def leave(self, guest: GuardedProtocol) -> None:
        """One has gone."""
        self.count -= 1
        self.owing.pop(guest, None)


class GuardedConfig(uvicorn.Config):
    """Uvicorn's settings for a server that anybody can reach, with a book of its guests."""

    def __init__(self, application: Any, **options: Any) -> None:  # noqa: ANN401 - as uvicorn has them
        self.guests = Guests(connection_limit())
        super().__init__(
            application,
            http=GuardedProtocol,
            ws="none",
            backlog=ACCEPTED_AT_ONCE,
            h11_max_incomplete_event_size=MAX_HEAD,
            **options,
        )


class GuardedProtocol(H11Protocol):
    """One connection, which owes us a request, is served, and owes us the next."""

    def __init__(self, config: GuardedConfig, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as uvicorn has them
        super().__init__(config, *args, **kwargs)
        self._guests = config.guests
        self._head_is_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Lets it in."""
        super().connection_made(transport)
        self._expect_head()
        self._guests.come(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets it."""
        self._head_came()
        self._guests.leave(self)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Takes note of how much of a request has come."""
        super().handle_events()
        cycle = cast("RequestResponseCycle | None", self.cycle)  # uvicorn's annotation forgets the time before
        if cycle is not None and not cycle.response_complete:
            self._head_came()
            if not cycle.more_body:
                self._guests.owing.pop(self, None)

    def on_response_complete(self) -> None:
        """The next request is due, and the rest of this one where it was answered before it was whole."""
        if self._head_is_due is None:
            self._expect_head()
        self._guests.owing.setdefault(self, None)
        super().on_response_complete()

    def _expect_head(self) -> None:
        self._head_is_due = self.loop.call_later(HEADER_TIMEOUT_S, self.transport.abort)

    def _head_came(self) -> None:
        if self._head_is_due is not None:
            self._head_is_due.cancel()
            self._head_is_due = None
