"""How long each step of an answer took, in milliseconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Steps:
    """Times named steps, from when it is made until `finished`."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._ms: dict[str, float] = {}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Times the block under that name, also when it raises."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._ms[name] = _ms_since(started)

    def finished(self) -> dict[str, float]:
        """Every step so far, and their "total" with all that was between them."""
        return self._ms | {"total": _ms_since(self._started)}


def _ms_since(started: float) -> float:
    return round(1000 * (time.perf_counter() - started), 2)
