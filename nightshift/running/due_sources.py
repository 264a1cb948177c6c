"""The sources that are due, a few at once: one that takes long keeps no other waiting."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from db.sources import StoredSource, next_due
from intake import sync_due

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Encoders
    from db.settings import Settings
    from intake import Progress

AT_ONCE = 3
"""Each holds two connections to the database, of the ten that there are by default."""

RESTS_S = 30.0
"""Seconds that one which was synced is left alone: where even that can't be noted, it would be due all the time."""


class DueSources:
    """Syncs sources in threads of their own, each source in one; what is under way ends when it is `stopping`."""

    def __init__(self, engine: sa.Engine, settings: Settings, encoders: Encoders, stopping: threading.Event) -> None:
        self._engine = engine
        self._settings = settings
        self._encoders = encoders
        self._stopping = stopping
        self._under_way: dict[int, threading.Thread] = {}
        self._rests_until: dict[int, float] = {}
        self._lock = threading.Lock()
        self._has_ended = threading.Event()

    def start_next(self) -> bool:
        """Begins with the source that has been due for longest; whether there was one, and room for it.

        Where there is no room, it waits until there is, or until it is stopped.
        """
        while len(self._ids()) >= AT_ONCE and not self._stopping.is_set():
            self._has_ended.wait(1.0)
            self._has_ended.clear()
        stored = None if self._stopping.is_set() else next_due(self._engine, self._ids() + self._resting())
        if stored is None:
            return False
        thread = threading.Thread(target=self._sync, args=(stored,), name=f"source {stored.name}", daemon=True)
        with self._lock:
            self._under_way[stored.id] = thread
        thread.start()
        return True

    def wait(self, timeout_s: float) -> None:
        """Waits for those under way, so long for each."""
        with self._lock:
            threads = list(self._under_way.values())
        for thread in threads:
            thread.join(timeout_s)

    def _ids(self) -> list[int]:
        with self._lock:
            return list(self._under_way)

    def _resting(self) -> list[int]:
        now = time.monotonic()
        with self._lock:
            self._rests_until = {own: until for own, until in self._rests_until.items() if until > now}
            return list(self._rests_until)

    def _sync(self, stored: StoredSource) -> None:
        def go_on(_: Progress) -> None:
            if self._stopping.is_set():
                raise SystemExit

        try:
            sync_due(self._engine, self._settings, self._encoders, stored, go_on)
        finally:
            with self._lock:
                del self._under_way[stored.id]
                self._rests_until[stored.id] = time.monotonic() + RESTS_S
            self._has_ended.set()
