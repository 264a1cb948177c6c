"""Contenders that do the same work, timed by turns; a ratio is of times taken within moments of each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

OURS = "nightshift"

LIMIT = 1.1
"""As much longer may a night's work take than the bare library's."""

Show = Callable[[int, int], None]
"""Is called with how many runs are done, and how many there will be."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours to another's time: the median over the rounds, and the quartiles."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was measured: seconds per `unit` of work, a number for each round, for `OURS` and for the others.

    The n-th numbers belong together. Ours is to take at most `limit` times as long as the first of the others. `facts`
    are what a time means nothing without: what was found in it, which indexes served it, what of it is whose.
    """

    what: str
    unit: str
    limit: float | None
    seconds: Mapping[str, Sequence[float]]
    facts: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def keeps_its_limit(self) -> bool:
        """Whether the median of the rounds does; true where there is no limit."""
        return self.limit is None or self.ratio(self.promised_against).median <= self.limit

    @property
    def promised_against(self) -> str:
        """Whose time the limit is a multiple of."""
        return next(name for name in self.seconds if name != OURS)

    def median_s(self, name: str) -> float:
        """The median of the rounds."""
        return float(np.median(self.seconds[name]))

    def p95_s(self, name: str) -> float:
        """What 95% of the rounds stay below."""
        return float(np.percentile(self.seconds[name], 95))

    def ratio(self, name: str) -> Ratio:
        """Of our time to that of `name`, round by round."""
        low, median, high = np.percentile(np.divide(self.seconds[OURS], self.seconds[name]), [25, 50, 75])
        return Ratio(float(median), float(low), float(high))


def take_turns(
    contenders: Mapping[str, Callable[[], object]],
    rounds: int,
    *,
    units: int = 1,
    show: Show = lambda done, total: None,
    before: Callable[[], object] = lambda: None,
) -> dict[str, tuple[float, ...]]:
    """Runs A B, B A, A B, …: what slows the machine down for a while slows all alike, and none is always first.

    A round before the first warms caches and is not counted.

    Args:
        contenders: by name, what each does in a round.
        rounds: how many are counted.
        units: of work in one round; times are per unit.
        show: called after each run.
        before: called before each run, and not timed.

    Returns:
        seconds per unit, a number for each round, by contender.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for done, (number, name) in enumerate(_turns(contenders, rounds), start=1):
        before()
        started = time.perf_counter()
        contenders[name]()
        if number:
            seconds[name].append((time.perf_counter() - started) / units)
        show(done, (rounds + 1) * len(contenders))
    return {name: tuple(taken) for name, taken in seconds.items()}


def _turns(names: Iterable[str], rounds: int) -> Iterator[tuple[int, str]]:
    for number in range(rounds + 1):
        for name in list(names)[:: 1 if number % 2 else -1]:
            yield number, name
