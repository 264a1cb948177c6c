"""Whoever loads, the same rows are there afterwards."""

from __future__ import annotations

import sqlalchemy as sa

from benchmarks.speed.load import COPY, emptied_store, empty, loaders
from benchmarks.speed.measure import OURS
from db.store import raw_connection

TABLES = ("document", "chunk", "posting", "words_of_audience", "words_segment")


def counts(engine: sa.Engine, *more: str) -> list[int]:
    with raw_connection(engine) as raw:
        rows = [raw.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() for table in (*TABLES, *more)]
    return [row[0] for row in rows if row]


def test_both_load_the_same_into_emptied_tables() -> None:
    with emptied_store() as (engine, generation), loaders(engine, generation, 120) as contenders:
        loaded = {}
        for name in (OURS, COPY):
            empty(engine, generation)
            assert counts(engine, generation.table) == [0] * 6
            contenders[name]()
            loaded[name] = counts(engine, generation.table)
    assert loaded[OURS] == loaded[COPY]
    assert loaded[OURS][:2] == [12, 120] and loaded[OURS][-1] == 120
