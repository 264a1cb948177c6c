"""Swaps while people search: what serves changes, and no search fails."""

from __future__ import annotations

from benchmarks.speed.measure import OURS
from benchmarks.speed.stock import Stock
from benchmarks.speed.swap import ROW, compare_swapping, searching
from db.generations import serving


def test_promotions_and_ways_back_are_timed_beside_an_update_and_fail_nobody(stock: Stock) -> None:
    compared = list(compare_swapping(stock, 3, lambda done, total: None))
    assert [each.what.split(" under")[0] for each in compared] == ["promote", "roll back"]
    for each in compared:
        assert list(each.seconds) == [OURS, ROW]
        assert each.facts["failed searches"] == 0
    assert serving(stock.engine).artefact_id == stock.generation.artefact_id


def test_a_search_that_fails_is_counted(stock: Stock) -> None:
    with searching(stock) as counts:
        pass
    assert counts["failed searches"] == 0
