"""Connections that are lent: in one transaction or outside of any, with errors of ours whatever way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from db.errors import DatabaseContendedError, DatabaseFullError, DatabaseUnavailableError, UnknownIdError
from db.store.engine import create_engine
from db.store.lending import raw_connection, reading_connection, transaction
from tests.db.store.backends import backend_pid, end_backend, with_options


def refuse(sqlstate: str) -> str:
    """A statement that the server ends with that error."""
    return f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{sqlstate}'; END $$"


@contextmanager
def lend_plain(engine: sa.Engine) -> Iterator[Callable[[str], object]]:
    with engine.connect() as connection:
        yield lambda statement: connection.execute(sa.text(statement))


@contextmanager
def lend_both(engine: sa.Engine) -> Iterator[Callable[[str], object]]:
    with transaction(engine) as (_, raw):
        yield lambda statement: raw.execute(statement.encode())


@contextmanager
def lend_reading(engine: sa.Engine) -> Iterator[Callable[[str], object]]:
    with reading_connection(engine) as (raw, _):
        yield lambda statement: raw.execute(statement.encode())


@pytest.mark.parametrize("lend", [lend_plain, lend_both, lend_reading])
@pytest.mark.parametrize(
    ("statement", "error", "sentence"),
    [
        (refuse("53100"), DatabaseFullError, r"ran out of room \(DiskFull\)"),
        (refuse("53200"), DatabaseUnavailableError, "ran out of memory"),
        (refuse("53300"), DatabaseUnavailableError, "max_connections"),
        (refuse("53400"), DatabaseUnavailableError, "temp_file_limit"),
        (refuse("40P01"), DatabaseContendedError, "waited for each other"),
        (refuse("57P01"), DatabaseUnavailableError, r"can't be reached \(AdminShutdown\)"),
        ("SELECT pg_sleep(60)", DatabaseUnavailableError, "took too long"),
    ],
)
def test_whatever_way_a_connection_is_lent_its_errors_are_ours(
    database_url: str,
    lend: Callable[[sa.Engine], AbstractContextManager[Callable[[str], object]]],
    statement: str,
    error: type[DatabaseUnavailableError],
    sentence: str,
) -> None:
    engine = create_engine(with_options(database_url, "-c statement_timeout=100"))
    with pytest.raises(DatabaseUnavailableError, match=sentence) as caught, lend(engine) as execute:
        execute(statement)
    assert type(caught.value) is error
    assert backend_pid(engine)
    engine.dispose()


@pytest.mark.parametrize("lend", [lend_plain, lend_both, lend_reading])
def test_errors_of_ours_and_mistakes_in_a_statement_pass_as_they_are(
    engine: sa.Engine, lend: Callable[[sa.Engine], AbstractContextManager[Callable[[str], object]]]
) -> None:
    with pytest.raises(UnknownIdError), lend(engine):
        raise UnknownIdError
    with pytest.raises((sa.exc.ProgrammingError, psycopg.errors.UndefinedTable)), lend(engine) as execute:
        execute("SELECT FROM nowhere")


def test_a_raw_connection_is_one_transaction(engine: sa.Engine) -> None:
    with raw_connection(engine) as raw:
        raw.execute("CREATE TABLE kept (n int)")
    with pytest.raises(UnknownIdError), raw_connection(engine) as raw:
        raw.execute("INSERT INTO kept VALUES (1)")
        raise UnknownIdError
    with raw_connection(engine) as raw:
        assert raw.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_what_was_set_on_a_reading_connection_is_remembered_as_long_as_it_lives(
    engine: sa.Engine, database_url: str
) -> None:
    with reading_connection(engine) as (raw, remembered):
        remembered["seen"] = True
        pid = raw.info.backend_pid
        assert raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    with engine.begin():
        pass
    with reading_connection(engine) as (raw, remembered):
        assert (raw.info.backend_pid, remembered["seen"]) == (pid, True)
    end_backend(database_url, pid)
    with reading_connection(engine) as (_, remembered):
        assert "seen" not in remembered


def test_a_reading_connection_whose_statement_failed_is_not_used_again(engine: sa.Engine) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable), reading_connection(engine) as (raw, _):
        pid = raw.info.backend_pid
        raw.execute("SELECT FROM nowhere")
    assert backend_pid(engine) != pid
