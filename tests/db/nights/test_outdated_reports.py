"""A report that is out of date is lent until it was made anew, and what is erased meanwhile isn't lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from db.nights.outdated_reports import take_outdated_report
from db.schema import retrain_run
from tests.night_rows import make_run, store_run


def mark(engine: sa.Engine, run_id: int) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(retrain_run).where(retrain_run.c.id == run_id).values(report_outdated=True))


def test_each_is_lent_until_it_was_made_anew(engine: sa.Engine) -> None:
    first, _, third = (store_run(engine, make_run()).id for _ in range(3))
    mark(engine, third)
    mark(engine, first)
    with pytest.raises(OSError, match="no room"), take_outdated_report(engine) as run_id:
        assert run_id == first
        raise OSError("no room")
    for expected in (first, third, None):
        with take_outdated_report(engine) as run_id:
            assert run_id == expected


def test_two_processes_get_two_of_them_and_what_is_erased_meanwhile_marks_it_once_more(engine: sa.Engine) -> None:
    first, second = (store_run(engine, make_run()).id for _ in range(2))
    mark(engine, first)
    mark(engine, second)
    waits = sa.text("SELECT FROM pg_locks WHERE pid <> pg_backend_pid() AND NOT granted")
    with ThreadPoolExecutor(1) as others:
        with take_outdated_report(engine) as run_id, take_outdated_report(engine) as other_id:
            assert (run_id, other_id) == (first, second)
            erasing = others.submit(mark, engine, first)
            with engine.connect() as connection:
                while not erasing.done() and connection.execute(waits).first() is None:
                    pass
            assert not erasing.done()
        erasing.result(20)
    with take_outdated_report(engine) as run_id:
        assert run_id == first
