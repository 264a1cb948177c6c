"""Promoting and rolling back while people search, beside an update of one row at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle

from benchmarks.speed.measure import OURS, Comparison, Show, take_turns
from benchmarks.speed.stock import Stock
from db.generations import Generation, add_generation, promote, roll_back, serving, update_generation
from db.search import search

ROW = "UPDATE of one row"
LIMIT = 2.0
SEARCHERS = 4


def compare_swapping(stock: Stock, rounds: int, show: Show) -> Iterator[Comparison]:
    """Two: a promotion of a generation that is level, and a way back; people search all the while."""
    with stock.engine.begin() as connection:
        other = add_generation(
            connection,
            artefact_id=stock.generation.artefact_id,
            status="built",
        )
    with searching(stock) as searched:
        for what, swap in _swaps(stock, other).items():
            seconds = take_turns({OURS: swap, ROW: lambda: _update_a_row(stock)}, rounds, show=show)
            yield Comparison(f"{what} under {SEARCHERS} searchers", "swap", LIMIT, seconds, dict(searched))


@contextmanager
def searching(stock: Stock) -> Iterator[Mapping[str, int]]:
    """Threads that search what serves, over and over; yields counts of what came of it."""
    ended, counts = threading.Event(), {"searches": 0, "failed searches": 0}
    locked = threading.Lock()

    def search_on(offset: int) -> None:
        questions = cycle(stock.questions[offset:] + stock.questions[:offset])
        while not ended.is_set():
            try:
                hits = search(stock.engine, serving(stock.engine), next(questions), stock.everyone, 10)
                name = "searches" if hits else "failed searches"
            except Exception:  # noqa: BLE001 - whatever it is, it's what is counted
                name = "failed searches"
            with locked:
                counts[name] += 1

    threads = [threading.Thread(target=search_on, args=(number,)) for number in range(SEARCHERS)]
    for thread in threads:
        thread.start()
    try:
        yield counts
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _swaps(stock: Stock, other: Generation) -> dict[str, Callable[[], object]]:
    pairs = cycle([(other, stock.generation), (stock.generation, other)])

    def promote_next() -> None:
        wanted, current = next(pairs)
        promote(stock.engine, wanted, expected_current_id=current.id, by="benchmark")

    return {"promote": promote_next, "roll back": lambda: roll_back(stock.engine, "benchmark")}


def _update_a_row(stock: Stock) -> None:
    with stock.engine.begin() as connection:
        update_generation(connection, stock.generation.id, promoted_by="benchmark")
