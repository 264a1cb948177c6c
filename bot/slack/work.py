"""Work that goes on after Slack got its acknowledgement, and is waited for when the bot stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

CANCEL_GRACE_S = 5.0
"""Seconds that cancelled work has to say so to whom it was for."""


class BackgroundWork:
    """Runs coroutines as tasks and keeps hold of them until they end.

    Each tells people of its own errors; what it lets through goes to `on_error`, so that nothing fails unseen.
    """

    def __init__(self, on_error: Callable[[Exception], Awaitable[None]]) -> None:
        self._on_error = on_error
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Begins the work; the caller doesn't wait for it."""
        task = asyncio.get_running_loop().create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception as error:
            await self._on_error(error)

    async def finish(self, timeout_s: float) -> None:
        """Waits up to `timeout_s` seconds for what is under way, then cancels the rest: bounded whatever happens."""
        # Bolt acknowledges first and runs listeners in the loop's next turn: they still have to start their work.
        await asyncio.sleep(0)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_s)
        rest = set(self._tasks)
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest, timeout=CANCEL_GRACE_S)
