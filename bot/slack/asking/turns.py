"""Order within a thread: what was asked first is answered first, while other threads go their own way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

TURN_TIMEOUT_S = 60.0
"""Seconds that one waits for those before it: then order is given up, rather than an answer."""


Turn = Callable[[], Awaitable[None]]
"""Waits until it is one's turn; called again, it returns at once."""


class Turns:
    """Queues by name; a queue exists only while somebody stands in it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def queued(self, queue: str) -> AsyncIterator[Turn]:
        """Stands in the queue from here to the end of the block; what it yields waits until it is one's turn."""
        lock = self._locks.setdefault(queue, asyncio.Lock())
        turn = asyncio.get_running_loop().create_task(lock.acquire())

        async def come_up() -> None:
            await asyncio.wait((turn,), timeout=TURN_TIMEOUT_S)

        try:
            yield come_up
        finally:
            # Not yet done, or done and cancelled in vain: either way nobody else may find the lock taken.
            if not turn.cancel():
                lock.release()
