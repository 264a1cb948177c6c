"""Work for Slack: acknowledged as soon as it can't be lost any more, and waited for when the bot stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

CANCEL_GRACE_S = 5.0
"""Seconds that cancelled work has to say so to whom it was for."""

ACK_WITHIN_S = 2.5
"""Seconds that storing something may take; Slack waits three for the acknowledgement."""

Acknowledge = Callable[..., Awaitable[object]]
"""Tells Slack that what it sent is taken care of; takes what Bolt's `ack` takes."""


class NotKeptError(Exception):
    """What Slack sent isn't stored, so Slack isn't told that it were: it sends an event again, and warns a person."""


async def nobody_waits(**_: object) -> None:
    """The acknowledgement of what Slack doesn't wait for."""


class BackgroundWork:
    """Runs coroutines as tasks and keeps hold of them until they end.

    Each tells people of its own errors; what it lets through goes to `on_error`, so that nothing fails unseen.
    """

    def __init__(self, on_error: Callable[[Exception], Awaitable[None]]) -> None:
        self._on_error = on_error
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Begins the work; the caller doesn't wait for it."""
        task = asyncio.get_running_loop().create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def start_acknowledged(
        self, ack: Acknowledge, work: Callable[[Acknowledge], Coroutine[None, None, None]]
    ) -> None:
        """Begins the work and waits until it has acknowledged, which it does when nothing can be lost any more.

        Raises:
            NotKeptError: it ended without, or that took too long; then it goes on all the same.
        """
        acknowledged = asyncio.Event()

        async def acknowledge(**said: object) -> None:
            await ack(**said)
            acknowledged.set()

        task = self.start(work(acknowledge))
        waiting = asyncio.get_running_loop().create_task(acknowledged.wait())
        await asyncio.wait((task, waiting), timeout=ACK_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not acknowledged.is_set():
            raise NotKeptError

    async def _run(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception as error:
            await self._on_error(error)

    async def finish(self, timeout_s: float) -> None:
        """Waits up to `timeout_s` seconds for what is under way, then cancels the rest: bounded whatever happens."""
        # What came by Socket Mode is dispatched in the loop's next turn: it still has to start its work.
        await asyncio.sleep(0)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_s)
        rest = set(self._tasks)
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest, timeout=CANCEL_GRACE_S)
