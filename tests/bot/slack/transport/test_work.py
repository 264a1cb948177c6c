"""Background work: kept, waited for, and ended in bounded time."""

from __future__ import annotations

import asyncio
import gc
import time
from unittest.mock import AsyncMock

import pytest

from bot.slack.transport import work
from bot.slack.transport.work import BackgroundWork


async def test_work_under_way_is_waited_for() -> None:
    running, done = BackgroundWork(AsyncMock()), asyncio.Event()
    go_on = asyncio.Event()

    async def job() -> None:
        await go_on.wait()
        done.set()

    running.start(job())
    gc.collect()
    asyncio.get_running_loop().call_later(0.05, go_on.set)
    await running.finish(10)
    assert done.is_set()


async def test_work_that_takes_too_long_is_cancelled_and_may_say_so() -> None:
    running, said = BackgroundWork(AsyncMock()), []

    async def job() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            said.append("stopped")
            raise

    running.start(job())
    await running.finish(0.05)
    assert said == ["stopped"]


async def test_work_that_refuses_to_end_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "CANCEL_GRACE_S", 0.1)
    running, release = BackgroundWork(AsyncMock()), asyncio.Event()

    async def job() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    running.start(job())
    started = time.monotonic()
    await running.finish(0.05)
    assert time.monotonic() - started < 5
    release.set()
    await running.finish(5)


async def test_with_nothing_under_way_it_ends_at_once() -> None:
    await BackgroundWork(AsyncMock()).finish(10)


async def test_what_work_lets_through_is_not_unseen() -> None:
    seen = AsyncMock()
    running = BackgroundWork(seen)

    async def job() -> None:
        raise RuntimeError

    running.start(job())
    await running.finish(10)
    assert [type(call.args[0]) for call in seen.await_args_list] == [RuntimeError]


async def test_what_is_acknowledged_goes_on_behind_it() -> None:
    running, ack, go_on, done = BackgroundWork(AsyncMock()), AsyncMock(), asyncio.Event(), asyncio.Event()

    async def job(acknowledge: work.Acknowledge) -> None:
        assert ack.await_count == 0
        await acknowledge(text="seen")
        await go_on.wait()
        done.set()

    await running.start_acknowledged(ack, job)
    ack.assert_awaited_once_with(text="seen")
    assert not done.is_set()
    go_on.set()
    await running.finish(10)
    assert done.is_set()


async def test_what_ends_without_is_not_acknowledged() -> None:
    running, ack = BackgroundWork(AsyncMock()), AsyncMock()

    async def job(acknowledge: work.Acknowledge) -> None:
        """Could store nothing."""

    with pytest.raises(work.NotKeptError):
        await running.start_acknowledged(ack, job)
    assert ack.await_count == 0


async def test_what_takes_too_long_goes_on_unacknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "ACK_WITHIN_S", 0.05)
    running, go_on, done = BackgroundWork(AsyncMock()), asyncio.Event(), asyncio.Event()

    async def job(acknowledge: work.Acknowledge) -> None:
        await go_on.wait()
        await acknowledge()
        done.set()

    with pytest.raises(work.NotKeptError):
        await running.start_acknowledged(AsyncMock(), job)
    go_on.set()
    await asyncio.wait_for(done.wait(), 10)
