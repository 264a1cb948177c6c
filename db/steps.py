"""What is done, step by step: the one place where a named step begins and ends, of a question and a night alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Self


class Step:
    """A named step, timed while its block runs, also when that raises; others may be `within` it.

    `facts` is what was found out in it: ids, counts and shares, never texts. `text` is what was asked in it, for those
    alone who are told to keep texts.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.facts: dict[str, Any] = {}
        self.text: str | None = None
        self.within: list[Step] = []
        self._began = self._ended = 0.0
        self._watched = ExitStack()

    def __enter__(self) -> Self:
        for watch in _watching:
            self._watched.enter_context(watch(self))
        self._began = time.perf_counter()
        return self

    def __exit__(self, *raised: Any) -> None:  # noqa: ANN401 - what a block may end with
        self._ended = time.perf_counter()
        self._watched.__exit__(*raised)

    def step(self, name: str) -> Step:
        """One within this one, in the order in which they begin."""
        self.within.append(Step(name))
        return self.within[-1]

    @property
    def seconds(self) -> float:
        """What it took, or has taken so far."""
        return (self._ended or time.perf_counter()) - self._began

    @property
    def timings_ms(self) -> dict[str, float]:
        """What each step within it took, in milliseconds, and their "total" with all that was between them."""
        taken = {step.name: step.seconds for step in self.within} | {"total": self.seconds}
        return {name: round(1000 * seconds, 2) for name, seconds in taken.items()}


Watch = Callable[[Step], AbstractContextManager[object]]

_watching: list[Watch] = []


@contextmanager
def watched_by(watch: Watch) -> Iterator[None]:
    """While the block runs, each step of this process begins and ends within what `watch` makes of it."""
    _watching.append(watch)
    try:
        yield
    finally:
        _watching.remove(watch)
