"""Work of one kind never waits for work of another."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar

import pytest

from bot.pools import ANSWERS, ASIDE, ENCODING, PROMPT, RENDERING, Pool
from tests.conftest import ROOT

POOLS = {"answers": ANSWERS, "aside": ASIDE, "encoding": ENCODING, "prompt": PROMPT, "rendering": RENDERING}


@pytest.mark.parametrize("busy", POOLS)
async def test_a_pool_that_is_full_holds_up_no_other(busy: str) -> None:
    release = threading.Event()
    try:
        full = [asyncio.create_task(POOLS[busy].run(release.wait)) for _ in range(50)]
        for name, pool in POOLS.items():
            if name != busy:
                assert await asyncio.wait_for(pool.run(threading.get_ident), 10)
        assert not any(task.done() for task in full)
    finally:
        release.set()
    await asyncio.gather(*full)


async def test_a_call_gives_what_it_gives_in_its_caller_s_context() -> None:
    word: ContextVar[str] = ContextVar("word")
    word.set("here")
    pool = Pool("of-a-test", 1)
    assert await pool.run(word.get) == "here"
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 / 0)


def test_nobody_uses_the_pool_that_all_share() -> None:
    sharing = [path.name for path in (ROOT / "bot").rglob("*.py") if "asyncio.to_thread(" in path.read_text()]
    assert sharing == []
