"""Who waits for a server that says nothing, how long, and who is told at once; a real stall is in tests/faults."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from db.embedded import EmbeddedServer
from db.errors import DatabaseUnavailableError
from db.store import watching
from db.store.engine import create_engine
from db.store.pulse import Pulse, StalledError
from db.store.watching import Watch, WatchedConnection, pulse_of
from tests.db.embedded.processes import QUICK


def test_who_comes_while_it_is_lost_is_told_and_who_comes_once_it_is_back_is_served(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(database_url, statement_timeout_s=30)
    felt = pulse_of(engine)
    for _ in ("not yet connected", "connected"):
        felt.lost = True
        with monkeypatch.context() as patch, pytest.raises(DatabaseUnavailableError, match="doesn't answer"):
            patch.setattr(felt, "beats", lambda _: False)
            engine.connect()
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT 1")) == 1
        assert not felt.lost
    engine.dispose()


def test_a_night_is_not_turned_away(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    felt = pulse_of(engine)
    felt.lost = True
    monkeypatch.setattr(felt, "beats", lambda _: False)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1


def test_what_is_watched_ends_by_its_own_measure(database_url: str) -> None:
    alive, lost = pulse_of(create_engine(database_url)), Pulse({"host": "127.0.0.1", "port": 1})
    Watch(alive, 0, 10).look(9)
    with pytest.raises(StalledError):
        Watch(alive, 0, 10).look(10)
    with pytest.raises(StalledError):
        Watch(lost, 0, 10).look(1)
    Watch(lost, 600, None).look(599)
    with pytest.raises(StalledError):
        Watch(lost, 600, None).look(600)


def test_a_wait_that_was_given_up_closes_its_connection_and_says_so_again(database_url: str) -> None:
    engine = create_engine(database_url, statement_timeout_s=30)
    with pytest.raises(psycopg.OperationalError) as caught, pytest.MonkeyPatch.context() as patch:
        raw = engine.raw_connection().driver_connection
        assert isinstance(raw, WatchedConnection)
        patch.setattr(watching, "SILENCE_S", 0.0)
        raw.watch = Watch(pulse_of(engine), 0, 0.0)
        raw.execute("SELECT pg_sleep(60)")
    assert isinstance(caught.value, StalledError)
    assert raw.closed
    with pytest.raises(StalledError):
        raw.rollback()
    engine.dispose()


def test_a_connection_that_rested_and_hears_nothing_is_given_up_at_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new one would hear nothing either."""
    engine = create_engine(database_url, statement_timeout_s=30)
    engine.connect().close()
    pinged: list[object] = []

    def stall(connection: WatchedConnection, *_: object, **__: object) -> None:
        pinged.append(connection)
        raise StalledError

    monkeypatch.setattr("db.store.engine.PING_AFTER_S", 0)
    monkeypatch.setattr(WatchedConnection, "execute", stall)
    with pytest.raises(DatabaseUnavailableError, match="doesn't answer"):
        engine.connect()
    assert len(pinged) == 1
    monkeypatch.undo()
    engine.dispose()


def test_where_nobody_listens_it_is_revived_once_and_tried_once_more(server_home: Path) -> None:
    url = EmbeddedServer.attach(server_home, settings=QUICK).url
    EmbeddedServer.stop(server_home)
    revived: list[object] = []
    engine = create_engine(url, revive=lambda: revived.append(EmbeddedServer.attach(server_home, settings=QUICK)))
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1
    engine.dispose()
    EmbeddedServer.stop(server_home)
    dead = create_engine(url, revive=lambda: revived.append("in vain"))
    with pytest.raises(DatabaseUnavailableError, match="nobody listens"):
        dead.connect()
    assert len(revived) == 2
