"""Connections: what was lost is replaced, what fails is said plainly, what is too old is refused."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.errors import (
    DatabaseTooOldError,
    DatabaseUnavailableError,
)
from db.store import engine as engine_module
from db.store import server as server_module
from db.store.engine import create_engine
from db.store.lending import reading_connection
from db.store.server import require_server
from db.store.watching import pulse_of
from tests.db.store.backends import backend_pid, end_backend, with_options


def test_a_connection_that_the_server_ended_is_replaced_unseen(engine: sa.Engine, database_url: str) -> None:
    first = backend_pid(engine)
    end_backend(database_url, first)
    second = backend_pid(engine)
    assert second != first
    end_backend(database_url, second)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT pg_backend_pid()")) not in (first, second)


def test_a_connection_that_rested_is_pinged_even_though_its_socket_is_silent(
    engine: sa.Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "PING_AFTER_S", 0)
    monkeypatch.setattr(engine_module, "_is_readable", lambda _: False)
    first = backend_pid(engine)
    assert backend_pid(engine) == first
    end_backend(database_url, first)
    assert backend_pid(engine) != first


def test_a_connection_lost_in_mid_transaction_is_said_plainly_and_the_next_one_works(
    engine: sa.Engine, database_url: str
) -> None:
    with pytest.raises(DatabaseUnavailableError, match="can't be reached"), engine.begin() as connection:
        end_backend(database_url, connection.scalar(sa.text("SELECT pg_backend_pid()")))
        connection.execute(sa.text("SELECT 1"))
    with pytest.raises(DatabaseUnavailableError), reading_connection(engine) as (raw, _):
        end_backend(database_url, raw.info.backend_pid)
        raw.execute("SELECT 1")
    assert backend_pid(engine)


def test_an_unreachable_database_is_named_without_address_or_password() -> None:
    engine = create_engine("postgresql+psycopg://alice:hunter2@127.0.0.1:1/handbook", connect_timeout_s=2)
    with pytest.raises(DatabaseUnavailableError) as caught:
        engine.connect()
    message = str(caught.value)
    assert "NIGHTSHIFT_DATABASE_URL" in message
    assert not any(part in message for part in ("alice", "hunter2", "127.0.0.1", "handbook"))


def test_whoever_gets_no_connection_is_told_that_all_are_in_use(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1, connect_timeout_s=1)
    with (
        engine.connect(),
        engine.connect(),
        pytest.raises(DatabaseUnavailableError, match="in use: try again, or raise NIGHTSHIFT_POOL_SIZE"),
    ):
        engine.connect()
    engine.dispose()


def test_a_connection_that_was_lost_and_can_not_be_had_again_says_so(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(database_url, statement_timeout_s=30)
    with engine.connect() as connection:
        end_backend(database_url, connection.scalar(sa.text("SELECT pg_backend_pid()")))
        with pytest.raises(DatabaseUnavailableError, match="can't be reached"):
            connection.execute(sa.text("SELECT 1"))
        connection.rollback()
        felt = pulse_of(engine)
        felt.lost = True
        monkeypatch.setattr(felt, "beats", lambda _: False)
        with pytest.raises(DatabaseUnavailableError, match="doesn't answer"):
            connection.execute(sa.text("SELECT 1"))
    engine.dispose()


def test_what_the_pool_does_is_logged_as_sqlalchemy_s(engine: sa.Engine) -> None:
    assert engine.pool.logger.name.startswith("sqlalchemy.")


def test_statements_are_bounded_when_asked(database_url: str) -> None:
    for seconds, expected in (7, "7s"), (None, "0"):
        engine = create_engine(database_url, statement_timeout_s=seconds)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SHOW statement_timeout")) == expected
        engine.dispose()


def test_options_of_the_address_are_kept(database_url: str) -> None:
    engine = create_engine(with_options(database_url, "-c work_mem=5MB"))
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW work_mem")) == "5MB"
        assert connection.scalar(sa.text("SHOW hnsw.iterative_scan")) == "strict_order"
    engine.dispose()


def test_a_transaction_sees_what_was_committed_while_it_waited_whatever_the_database_s_default(
    engine: sa.Engine, database_url: str
) -> None:
    with engine.begin() as connection:
        name = connection.scalar(sa.text("SELECT current_database()"))
        connection.execute(sa.text(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'"))
    engine.dispose()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW transaction_isolation")) == "read committed"


def test_errors_carry_no_parameters(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.DataError) as caught, engine.connect() as connection:
        connection.execute(
            sa.text("SELECT 1 / CAST(:zero AS int), CAST(:text AS text)"), {"zero": 0, "text": "my salary"}
        )
    assert "my salary" not in str(caught.value)


@pytest.mark.parametrize(
    ("constant", "version", "message"),
    [("MIN_POSTGRES", (99, 0), "PostgreSQL .* 99 or newer"), ("MIN_PGVECTOR", (0, 99), "pgvector .*ALTER EXTENSION")],
)
def test_servers_that_are_too_old_are_refused_with_what_to_do(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, constant: str, version: tuple[int, ...], message: str
) -> None:
    require_server(engine)
    monkeypatch.setattr(server_module, constant, version)
    with pytest.raises(DatabaseTooOldError, match=message):
        require_server(engine)
