"""Turns: first come, first served within a queue; nobody waits for ever, and nobody who left is waited for."""

from __future__ import annotations

import asyncio

import pytest

from bot.slack.asking import turns
from bot.slack.asking.turns import Turns


async def test_one_after_the_other_in_the_order_of_coming() -> None:
    queue, order, go_on = Turns(), [], asyncio.Event()

    async def take(name: str, claims_s: float) -> None:
        async with queue.queued("thread") as my_turn:
            await asyncio.sleep(claims_s)  # the later one is ready first
            await my_turn()
            order.append(f"{name} begins")
            await go_on.wait()
            order.append(f"{name} ends")

    both = asyncio.gather(take("a", 0.02), take("b", 0))
    async with queue.queued("another thread") as my_turn:
        await my_turn()
    go_on.set()
    await both
    assert order == ["a begins", "a ends", "b begins", "b ends"]
    assert not queue._locks


async def test_who_leaves_without_a_turn_is_not_waited_for_and_lets_nobody_ahead() -> None:
    queue = Turns()
    async with queue.queued("thread") as first:
        await first()
        async with queue.queued("thread"):
            pass  # a message that turned out to be answered already
        async with queue.queued("thread") as third:
            waiting = asyncio.create_task(third())  # type: ignore[arg-type]
            done, _ = await asyncio.wait((waiting,), timeout=0.02)
            assert not done
            waiting.cancel()
    async with queue.queued("thread") as last:
        await asyncio.wait_for(last(), 5)  # type: ignore[arg-type]


async def test_nobody_waits_longer_than_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN_TIMEOUT_S", 0.01)
    queue = Turns()
    async with queue.queued("thread") as first:
        await first()
        async with queue.queued("thread") as second:
            await second()
        async with queue.queued("thread") as third:
            await third()
