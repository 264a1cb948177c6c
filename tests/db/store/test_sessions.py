"""Sessions through a pooler and beside one, and the vector types wherever they live."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from pgvector import HalfVector

from db.errors import ConfigurationError, DatabaseRefusedError, DatabaseUnavailableError
from db.nights import request_or_join, take_next_run
from db.store import watching
from db.store.engine import create_engine
from db.store.lending import raw_connection, reading_connection
from db.store.migrate import schema_status, upgrade
from db.store.queue import listening
from db.store.server import read_server
from db.store.sessions import require_sessions, session_connection, sessions_of
from tests.conftest import engine_on
from tests.db.store.conftest import MakeDatabase, alchemy
from tests.own_postgres import APP, OwnServer, address, free_port, pooler

ELSEWHERE = ("CREATE SCHEMA extensions", "CREATE EXTENSION vector SCHEMA extensions")
USABLE = f"GRANT USAGE ON SCHEMA extensions TO {APP}"


@contextmanager
def opened(
    url: str, direct_url: str | None = None, statement_timeout_s: int | None = None, connect_timeout_s: int = 10
) -> Iterator[sa.Engine]:
    engine = create_engine(
        url, direct_url=direct_url, statement_timeout_s=statement_timeout_s, connect_timeout_s=connect_timeout_s
    )
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def through(own: OwnServer, make_database: MakeDatabase, transaction_pooler: int) -> tuple[str, str]:
    """A migrated database by two addresses: through the pooler, and past it."""
    name = make_database("CREATE EXTENSION vector")
    urls = alchemy(address(transaction_pooler, name)), alchemy(own.url(name))
    upgrade(urls[0])
    return urls


def test_vectors_work_with_the_extension_in_any_schema(own: OwnServer, make_database: MakeDatabase) -> None:
    name = make_database(*ELSEWHERE, USABLE)
    upgrade(alchemy(own.url(name)))
    with opened(alchemy(own.url(name))) as engine:
        with raw_connection(engine) as raw:
            raw.execute("CREATE TABLE kept (v halfvec(2))")
            raw.execute("INSERT INTO kept VALUES (%s)", (HalfVector([1, 0]),))
            raw.execute("CREATE INDEX ON kept USING hnsw (v halfvec_cosine_ops)")
        with reading_connection(engine) as (raw, _):
            row = raw.execute("SELECT v, v <=> %s FROM kept", (HalfVector([0, 1]),)).fetchone()
            assert row == (HalfVector([1, 0]), 1.0)
        found = read_server(engine)
        assert (found["schema"], found["pgvector_in"], found["pooler"]) == ("public", "extensions", None)


def test_a_schema_of_its_own_and_an_extension_elsewhere_go_together(
    own: OwnServer, make_database: MakeDatabase
) -> None:
    schema = 'Night "shift"'
    name = make_database(*ELSEWHERE, USABLE, f'CREATE SCHEMA "Night ""shift""" AUTHORIZATION {APP}')
    url = alchemy(own.url(name, schema=schema))
    upgrade(url)
    with opened(url) as engine:
        assert schema_status(engine).up_to_date
        assert read_server(engine)["schema"] == schema
        with raw_connection(engine) as raw:
            count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            assert raw.execute(count).fetchone() == (0,)
            assert raw.execute("SELECT '[1]'::halfvec").fetchone() == (HalfVector([1]),)


def test_what_roles_and_databases_are_set_to_does_not_change_what_we_read(
    own: OwnServer, make_database: MakeDatabase
) -> None:
    name = make_database("CREATE EXTENSION vector")
    for setting in "datestyle = 'German'", "timezone = 'Asia/Tokyo'", "client_encoding = 'LATIN1'":
        own.run(f"ALTER ROLE {APP} IN DATABASE {name} SET {setting}")
    own.run(f"ALTER ROLE {APP} IN DATABASE {name} SET default_transaction_isolation = 'serializable'")
    with opened(alchemy(own.url(name))) as engine, engine.connect() as connection:
        shown = [connection.scalar(sa.text(f"SHOW {what}")) for what in ("datestyle", "timezone", "client_encoding")]
        assert shown == ["ISO, DMY", "UTC", "UTF8"]
        assert connection.scalar(sa.text("SHOW transaction_isolation")) == "read committed"


def test_an_index_is_built_as_long_as_it_takes_whatever_the_database_s_time_outs(
    own: OwnServer, make_database: MakeDatabase
) -> None:
    name = make_database("CREATE EXTENSION vector")
    bounds = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    own.run(*(f"ALTER DATABASE {name} SET {bound} = '20s'" for bound in bounds))
    upgrade(alchemy(own.url(name)))
    shown = sa.select(*(sa.func.current_setting(bound) for bound in bounds))
    with opened(alchemy(own.url(name)), statement_timeout_s=30) as engine, engine.connect() as connection:
        assert connection.execute(shown).one() == ("30s", "0", "0")
    asked = own.url(name, options="-c lock_timeout=7s")
    with opened(alchemy(asked)) as engine, engine.connect() as connection:
        assert connection.execute(shown).one() == ("0", "7s", "0")


@pytest.mark.parametrize("options", ["-c nonsense_setting=1", "-c work_mem=much", "-c shared_buffers=1GB"])
def test_a_setting_that_the_server_does_not_take_is_named(
    own: OwnServer, make_database: MakeDatabase, options: str
) -> None:
    name = make_database("CREATE EXTENSION vector")
    with opened(alchemy(own.url(name, options=options))) as engine:
        with pytest.raises(ConfigurationError, match="`options` of NIGHTSHIFT_DATABASE_URL"):
            engine.connect()


def test_a_pooler_that_shares_sessions_is_noticed_and_worked_through(through: tuple[str, str]) -> None:
    with opened(through[0], statement_timeout_s=7) as engine:
        with raw_connection(engine) as raw:
            assert raw.prepare_threshold is None
            shown = "SELECT current_setting('statement_timeout'), current_setting('timezone'), '[1]'::halfvec"
            assert raw.execute(shown, prepare=True).fetchone() == ("7s", "UTC", HalfVector([1]))
        with reading_connection(engine) as (raw, remembered):
            assert raw.execute(shown).fetchone() == ("7s", "UTC", HalfVector([1]))
            assert not remembered
        assert read_server(engine)["pooler"] == "transaction"


def test_many_at_once_go_through_it_and_nothing_set_leaks_to_others(
    through: tuple[str, str], own: OwnServer, transaction_pooler: int
) -> None:
    together = threading.Barrier(8)

    def ask(number: int) -> object:
        together.wait()
        for _ in range(20):
            with reading_connection(engine) as (raw, _), raw.cursor(binary=True) as cursor:
                raw.execute("SELECT set_config('hnsw.ef_search', %s, %s)", (str(number + 1), not raw.autocommit))
                shown = "SELECT current_setting('hnsw.ef_search'), %s::halfvec"
                assert cursor.execute(shown, (HalfVector([number]),), prepare=True).fetchone() == (
                    str(number + 1),
                    HalfVector([number]),
                )
        return None

    with opened(through[0], statement_timeout_s=20) as engine:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(ask, range(8)))
    with own.as_admin() as connection:
        assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
    with opened(through[0]) as engine, engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW statement_timeout")) == "0"


def test_a_pooler_with_one_connection_is_noticed_without_waiting_for_a_second(
    own: OwnServer, make_database: MakeDatabase, homes: Path
) -> None:
    name = make_database("CREATE EXTENSION vector")
    upgrade(alchemy(own.url(name)))
    with pooler(homes / "of-one", own.port, default_pool_size="1", query_wait_timeout="1") as port:
        with opened(alchemy(address(port, name))) as engine:
            assert read_server(engine)["pooler"] == "transaction"
            with engine.connect() as first, engine.connect() as second:
                first.scalar(sa.select(1))
                with pytest.raises(DatabaseUnavailableError, match=r"no connection .* to spare"):
                    second.scalar(sa.select(1))


@pytest.mark.parametrize("how", ["stopped", "paused"])
def test_a_pooler_that_freezes_later_is_told_of_in_one_sentence_and_works_on_afterwards(
    own: OwnServer, make_database: MakeDatabase, homes: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """What was connected before stays connected, and nothing comes of it."""
    monkeypatch.setattr(watching, "SILENCE_S", 0.2)
    monkeypatch.setattr(watching, "PULSE_TIMEOUT_S", 0.3)
    monkeypatch.setattr(watching, "STATEMENT_GRACE_S", 0.2)
    name = make_database("CREATE EXTENSION vector")
    home = homes / how
    with (
        pooler(home, own.port, admin_users=APP, default_pool_size="2") as port,
        opened(alchemy(address(port, name)), statement_timeout_s=1, connect_timeout_s=1) as engine,
        psycopg.connect(address(port, "pgbouncer"), autocommit=True, prepare_threshold=None) as console,
    ):
        process = int((home / "pid").read_text())

        def ask() -> object:
            with engine.connect() as connection:
                return connection.scalar(sa.select(1))

        with engine.connect() as one, engine.connect() as other:  # both rest in the pool from now on
            assert one.scalar(sa.select(1)) == other.scalar(sa.select(1)) == 1
        try:
            if how == "stopped":
                os.kill(process, signal.SIGSTOP)
            else:
                console.execute(f"PAUSE {name}")
            for _ in range(3):
                with pytest.raises(DatabaseUnavailableError, match="stopped, paused or overloaded") as refused:
                    ask()
                assert len(str(refused.value).splitlines()) == 1
        finally:
            if how == "stopped":
                os.kill(process, signal.SIGCONT)
            else:
                console.execute(f"RESUME {name}")
        assert [ask(), ask(), ask()] == [1, 1, 1]


def test_nights_go_past_the_pooler_where_there_is_a_way(through: tuple[str, str]) -> None:
    with opened(through[0], through[1]) as engine:
        require_sessions(engine)
        with listening(engine) as wait, session_connection(engine) as session:
            assert session.scalar(sa.text("SELECT pg_try_advisory_lock(1)"))
            request_or_join(engine, "cli", "test")
            wait(threading.Event(), 60)
            with take_next_run(engine) as run:
                assert run is not None
            with session_connection(engine) as other:
                assert not other.scalar(sa.text("SELECT pg_try_advisory_lock(1)"))


def test_nights_are_refused_by_name_where_there_is_none(through: tuple[str, str]) -> None:
    for direct in None, through[0]:
        with opened(through[0], direct) as engine:
            for needs in session_connection, take_next_run, listening:
                with pytest.raises(DatabaseRefusedError, match="set NIGHTSHIFT_DIRECT_DATABASE_URL"), needs(engine):
                    pass


def test_a_way_past_the_pooler_that_leads_nowhere_is_named_and_keeps_no_question(through: tuple[str, str]) -> None:
    nowhere = alchemy(address(free_port(), "shop"))
    with opened(through[0], nowhere) as engine:
        with pytest.raises(DatabaseUnavailableError, match=r"nobody listens.* correct NIGHTSHIFT_DIRECT_DATABASE_URL"):
            require_sessions(engine)
        with engine.connect() as connection:
            assert connection.scalar(sa.select(1)) == 1


def test_a_way_past_the_pooler_that_leads_elsewhere_is_refused(
    through: tuple[str, str], own: OwnServer, make_database: MakeDatabase
) -> None:
    other = alchemy(own.url(make_database("CREATE EXTENSION vector")))
    with opened(through[0], other) as engine:
        with pytest.raises(ConfigurationError, match="two ways to one"):
            require_sessions(engine)


def test_a_pooler_that_lends_whole_sessions_needs_nothing(
    through: tuple[str, str], own: OwnServer, homes: Path
) -> None:
    database = sa.make_url(through[1]).database
    assert database is not None
    with pooler(homes / "lends-sessions", own.port, "session") as port:
        with opened(alchemy(address(port, database))) as engine:
            with session_connection(engine) as session:
                assert session.scalar(sa.text("SELECT 1")) == 1
            assert (sessions_of(engine).pooled, sessions_of(engine).shared) == (True, False)
            assert read_server(engine)["pooler"] == "session"


def test_the_address_can_say_whether_there_is_a_pooler(through: tuple[str, str]) -> None:
    for said in "true", "false":
        url = sa.make_url(through[1]).update_query_dict({"pgbouncer": said}).render_as_string(hide_password=False)
        with opened(url) as engine, engine.connect():
            assert sessions_of(engine).shared is (said == "true")


def test_a_pooler_that_shares_by_statement_is_refused_by_name(
    through: tuple[str, str], own: OwnServer, homes: Path
) -> None:
    database = sa.make_url(through[1]).database
    assert database is not None
    with pooler(homes / "by-statement", own.port, "statement") as port:
        with opened(alchemy(address(port, database))) as engine:
            with pytest.raises(DatabaseUnavailableError, match="pool by transaction or session"):
                engine.connect()


def test_of_several_hosts_the_first_that_fits_is_taken(
    own: OwnServer, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = make_database("CREATE EXTENSION vector")
    monkeypatch.setenv("PGHOSTADDR", "10.255.255.1")
    monkeypatch.setenv("PGOPTIONS", "-c nonsense=1")
    url = own.url(name, target_session_attrs="read-write").replace("@", f"@127.0.0.1:{free_port()},", 1)
    with opened(alchemy(url)) as engine, engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT current_database()")) == name


def test_without_a_pooler_sessions_are_one_s_own(database_url: str) -> None:
    with engine_on(database_url) as engine, session_connection(engine) as session:
        if not sessions_of(engine).shared:
            assert session.connection.driver_connection.prepare_threshold is not None  # type: ignore[union-attr]


def test_a_setting_that_the_role_may_not_make_is_named_without_its_value(
    own: OwnServer, make_database: MakeDatabase
) -> None:
    url = alchemy(own.url(make_database(), options="-c log_statement=all"))
    engine = create_engine(url)
    with pytest.raises(ConfigurationError, match="its role may not"):
        engine.connect()
    engine.dispose()
