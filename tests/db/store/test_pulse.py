"""Whether a server answers at all, and who is told at once that it doesn't; a real stall is in tests/faults."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy as sa

from db.errors import DatabaseUnavailableError
from db.store import pulse
from db.store.engine import create_engine
from db.store.pulse import Pulse, StalledError, Watch, pulse_of
from tests.conftest import on_database


def pulse_at(url: str) -> Pulse:
    return pulse_of(create_engine(url))


def test_a_server_that_lets_us_in_or_says_why_not_has_a_pulse(database_url: str) -> None:
    assert pulse_at(database_url).beats(30)
    assert pulse_at(on_database(database_url, "never_made")).beats(30)


def test_where_nobody_listens_there_is_none() -> None:
    nobody = pulse_at("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    assert not nobody.beats(30)
    with pytest.raises(StalledError):
        nobody.require()


def test_one_feels_it_for_all_who_ask_meanwhile() -> None:
    with socket.socket() as silent, ThreadPoolExecutor(8) as pool:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        felt = pulse_at(f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/nowhere")
        assert not any(pool.map(lambda _: felt.beats(0.2), range(8)))
        assert felt.lost
        connection, _ = silent.accept()
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()
        connection.close()


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
    alive, lost = pulse_at(database_url), Pulse({"host": "127.0.0.1", "port": 1})
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
        assert isinstance(raw, pulse.WatchedConnection)
        patch.setattr(pulse, "SILENCE_S", 0.0)
        raw.watch = Watch(pulse_of(engine), 0, 0.0)
        raw.execute("SELECT pg_sleep(60)")
    assert isinstance(caught.value, StalledError)
    assert raw.closed
    with pytest.raises(StalledError):
        raw.rollback()
    engine.dispose()
