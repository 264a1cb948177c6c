"""Which indexes serve a statement is read off its plan."""

from __future__ import annotations

import sqlalchemy as sa

from benchmarks.speed.plans import indexes_used
from benchmarks.speed.stock import Stock
from db.store import raw_connection


def run(engine: sa.Engine, query: str, *parameters: object) -> None:
    with raw_connection(engine) as raw:
        raw.execute(query.encode(), parameters)


def test_a_key_that_is_looked_up_is_named_and_reading_all_has_none(stock: Stock) -> None:
    assert indexes_used(stock.engine, lambda: run(stock.engine, "SELECT FROM chunk WHERE id = %s", 1)) == ["pk_chunk"]
    assert indexes_used(stock.engine, lambda: run(stock.engine, "SELECT count(text) FROM chunk")) == []


def test_what_only_sets_or_changes_is_passed_over(stock: Stock) -> None:
    assert indexes_used(stock.engine, lambda: run(stock.engine, "SET hnsw.ef_search = 40")) == []
