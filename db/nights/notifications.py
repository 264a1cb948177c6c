"""Hears of requests as they are made, so that whoever runs nights can sleep meanwhile."""

from __future__ import annotations

import selectors
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from db.nights.runs import REQUESTED_CHANNEL
from db.store import RawConnection, driver, plain_errors, session_connection

Wait = Callable[[threading.Event, float], None]
"""Waits until there is a request, so many seconds are over, or the event is set (seen within a second)."""


@contextmanager
def listening(engine: sa.Engine) -> Iterator[Wait]:
    """Yields what waits for a request; one that is made from the block's beginning on isn't missed.

    Raises:
        DatabaseUnavailableError: it can't be listened to any more.
        DatabaseRefusedError: it can't be listened to at all, through a pooler.
    """
    with plain_errors(), session_connection(engine) as connection:
        raw = driver(connection)
        raw.execute(f"LISTEN {REQUESTED_CHANNEL}")
        yield lambda stopping, timeout_s: _wait(raw, stopping, timeout_s)


def _wait(raw: RawConnection, stopping: threading.Event, timeout_s: float) -> None:
    # psycopg looks up ten times a second while it waits, which a laptop's battery tells
    with selectors.DefaultSelector() as selector:
        selector.register(raw, selectors.EVENT_READ)
        for _ in range(max(1, round(timeout_s))):
            told = bool(selector.select(1.0)) and bool(list(raw.notifies(timeout=0)))
            if told or stopping.is_set():
                return
