"""A named audience is one row, whoever names it first and however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from db.corpus.audience_inventory import read_parts
from db.corpus.audience_rows import ensure_audience, find_audience
from db.corpus.named_audience import NOBODY, PUBLIC, read_audience
from db.schema import PUBLIC_AUDIENCE_ID, audience


def test_each_is_stored_once_even_by_several_at_once(engine: sa.Engine) -> None:
    both = read_audience("@leads, #finance")
    assert find_audience(engine, both) is None
    with ThreadPoolExecutor(4) as threads:
        ids = set(threads.map(lambda _: ensure_audience(engine, both), range(8)))
    assert ids == {find_audience(engine, both)} and len(ids) == 1
    [id_] = ids
    parts = {ensure_audience(engine, read_audience(name)) for name in ("#finance", "@leads")}
    assert set(read_parts(engine, [id_])[id_]) == parts and id_ not in parts
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(audience)) == 5


def test_everybody_and_nobody_are_there_from_the_first(engine: sa.Engine) -> None:
    assert find_audience(engine, PUBLIC) == ensure_audience(engine, PUBLIC) == PUBLIC_AUDIENCE_ID
    nobody = find_audience(engine, NOBODY)
    assert nobody == ensure_audience(engine, NOBODY) and nobody not in (None, PUBLIC_AUDIENCE_ID)


def test_the_same_id_in_two_workspaces_is_two(engine: sa.Engine) -> None:
    ids = {ensure_audience(engine, read_audience(name)) for name in ("T1:C1", "T2:C1", "C1")}
    assert len(ids) == 3
