"""Who searches beside us finds the same chunks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.speed import search
from benchmarks.speed.bare import K, bare_searches
from benchmarks.speed.measure import OURS
from benchmarks.speed.search import SHOWN, compare_searching, found, recall
from benchmarks.speed.stock import Stock
from db.errors import NightshiftError


def test_bare_statements_find_what_we_find(stock: Stock) -> None:
    with bare_searches(stock.engine, stock.generation) as bare:
        for question in stock.questions[:20]:
            nearest, matching = bare.vectors(question, stock.everyone), bare.words(question, stock.everyone)
            assert len(nearest) == len(set(nearest)) == K
            ours = found(stock, replace(question, text=""), stock.everyone)
            assert len(set(ours).intersection(nearest[:SHOWN])) >= SHOWN - 2  # theirs come through the index
            assert set(found(stock, question, stock.everyone)) <= {*nearest, *matching}


def test_a_search_that_misses_nothing_has_a_recall_of_one(stock: Stock) -> None:
    assert recall(stock, stock.questions[:5], [stock.few]) == 1.0


def test_each_way_is_compared_with_what_it_found_beside_its_time(stock: Stock) -> None:
    compared = list(compare_searching(stock, 2, lambda done, total: None))
    assert [next(iter(each.seconds)) for each in compared] == [OURS] * 5
    by_vectors, by_words, by_both, as_few, _ = compared
    assert "1,500 passages" in by_vectors.what
    assert by_both.facts["recall@10"] == as_few.facts["recall@10"] == 1.0
    assert "pk_posting" in str(by_both.facts["indexes in the plan"])
    assert by_words.facts["of the 50 best the same"] > 0.9  # type: ignore[operator]


def test_times_without_the_index_are_refused_where_it_should_serve(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MANY", 1000)
    with pytest.raises(NightshiftError, match="doesn't use the vectors' index"):
        next(compare_searching(stock, 1, lambda done, total: None))
