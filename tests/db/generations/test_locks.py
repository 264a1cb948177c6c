"""Changes of documents come one after the other, and wait only for work on the vectors that they must reach."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from db.generations.locks import hold_vectors, lock_for_change
from db.store import RawConnection, raw_connection
from tests.db.embedded.processes import wait_for
from tests.synthetic import make_generation, make_sharing

HELD = "SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND classid = 2 AND granted = %s ORDER BY 1"


def locks(engine: sa.Engine, *, granted: bool) -> list[int]:
    """The artefacts that somebody has locked, or waits for."""
    with raw_connection(engine) as raw:
        return [row[0] for row in raw.execute(HELD, (granted,))]


def count(raw: RawConnection) -> Any:
    return raw.execute("SELECT coalesce(max(changes), 0) FROM corpus").fetchone()


def test_locks_are_taken_by_their_numbers_however_they_are_named(engine: sa.Engine) -> None:
    first, second, third = (make_generation(engine) for _ in range(3))

    def hold_all() -> None:
        with raw_connection(engine) as raw:
            hold_vectors(raw, third, second, first)

    with ThreadPoolExecutor(1) as pool:
        with raw_connection(engine) as raw:
            lock_for_change(raw, second)
            waiting = pool.submit(hold_all)
            wait_for(lambda: waiting.done() or locks(engine, granted=False) != [], "the lock to be waited for")
            assert locks(engine, granted=True) == [first.artefact_id, second.artefact_id]
            assert locks(engine, granted=False) == [second.artefact_id]
        waiting.result()


def test_generations_of_one_artefact_have_one_lock(engine: sa.Engine) -> None:
    first = make_generation(engine)
    with raw_connection(engine) as raw:
        hold_vectors(raw, make_sharing(engine, first), first)
        assert locks(engine, granted=True) == [first.artefact_id]


def test_a_change_counts_once_it_is_through_and_the_next_one_waits_for_it(engine: sa.Engine) -> None:
    generation = make_generation(engine)

    def change() -> Any:
        with raw_connection(engine) as raw:
            lock_for_change(raw, generation)
            return count(raw)

    with ThreadPoolExecutor(1) as pool, raw_connection(engine) as watcher:
        with raw_connection(engine) as raw:
            lock_for_change(raw, generation)
            following = pool.submit(change)
            waits = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            wait_for(lambda: following.done() or watcher.execute(waits).fetchone() is not None, "the next change")
            assert (count(raw), count(watcher), following.done()) == ((1,), (0,), False)
        assert following.result() == (2,)


def test_a_change_that_failed_doesn_t_count(engine: sa.Engine) -> None:
    with pytest.raises(RuntimeError), raw_connection(engine) as raw:
        lock_for_change(raw)
        raise RuntimeError
    with raw_connection(engine) as raw:
        assert count(raw) == (0,)
