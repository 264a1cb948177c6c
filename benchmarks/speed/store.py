"""What the store does at its full size: searched, mined, and swapped while people search."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.speed.measure import Comparison, Show
from benchmarks.speed.mine import compare_mining
from benchmarks.speed.search import compare_searching
from benchmarks.speed.stock import stocked_store
from benchmarks.speed.swap import compare_swapping


def compare_storing(size: int, searches: int, rounds: int, show: Show) -> Iterator[Comparison]:
    """All that is measured on one stocked store."""
    with stocked_store(size, show) as stock:
        yield from compare_searching(stock, searches, show)
        yield from compare_swapping(stock, max(rounds, searches // 10), show)
        yield compare_mining(stock, rounds, show)
