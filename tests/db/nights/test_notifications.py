"""Who waits for requests hears of each, and of nothing else."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from db.errors import DatabaseUnavailableError
from db.nights.notifications import listening
from db.nights.runs import request_run, withdraw_request

LONG_S = 600.0
"""Tests end before: whoever waits so long heard nothing."""


def test_a_request_made_before_it_waits_is_heard_of(engine: sa.Engine) -> None:
    with listening(engine) as wait:
        for _ in range(2):
            run_id = request_run(engine, "cli", "test")
            wait(threading.Event(), LONG_S)
            assert withdraw_request(engine, run_id)


def test_it_ends_when_time_is_up_or_when_it_is_told_to(engine: sa.Engine) -> None:
    stopping = threading.Event()
    with listening(engine) as wait:
        wait(stopping, 0.1)
        stopping.set()
        wait(stopping, LONG_S)


def test_a_lost_connection_is_an_error_of_ours(engine: sa.Engine) -> None:
    end = sa.text(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with pytest.raises(DatabaseUnavailableError), listening(engine) as wait:
        with engine.connect() as connection:
            assert all(connection.scalars(end).all())
        wait(threading.Event(), LONG_S)
