"""Threads for what waits or computes, in pools of their own: however many answers are slow, a vote is stored at once.

In one pool for all, six on two cores, a handful of questions that wait for the database would hold up every vote,
every acknowledgement and every heartbeat behind them.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Pool:
    """So many threads for one kind of work; none is started before there is some."""

    def __init__(self, name: str, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"bot-{name}")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function returns or raises, once a thread of this pool has run it; as `to_thread` does."""
        call = partial(contextvars.copy_context().run, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)


PROMPT = Pool("prompt", 4)
"""What Slack gives three seconds for, votes and claims before their acknowledgement, and heartbeats."""

ANSWERS = Pool("answers", 8)
"""The answers' statements. With all other pools they need fewer connections than there are by default, 20."""

ENCODING = Pool("encoding", 2)
"""The models: a call uses all cores by itself, so that more at once would only be slower, but loading one waits."""

RENDERING = Pool("rendering", 1)
"""Texts into Slack's blocks: Python alone, of which only one thread runs at a time."""

ASIDE = Pool("aside", 4)
"""Whatever nobody waits three seconds for: App Home, reports, forms' looks and exports, sweeps, counts."""
