"""Whether a server answers at all; a real stall is in tests/faults."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from db.store.engine import create_engine
from db.store.pulse import Pulse, StalledError
from db.store.watching import pulse_of
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
