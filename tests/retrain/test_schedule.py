"""The clock: every tick one night, however it is missed, doubled or moved; requests wake the process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from db.errors import ConfigurationError
from db.runs import list_runs, request_run
from db.schema import retrain_run
from db.settings import Settings
from retrain.schedule import cron_trigger, latest_tick, request_due_night, start_ticking, work_through_requests

INSTALLED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_settings(**changes: Any) -> Settings:
    return Settings(data_dir=Path("unused"), timezone="Europe/Amsterdam", **changes)


def runs(engine: sa.Engine) -> list[datetime | None]:
    return [run.due_at for run in list_runs(engine)]


def test_downtime_over_many_nights_is_caught_up_once(engine: sa.Engine) -> None:
    trigger = cron_trigger(make_settings())
    now = INSTALLED + timedelta(days=5)
    for _ in range(3):
        request_due_night(engine, trigger, INSTALLED, now)
    assert runs(engine) == [datetime(2026, 3, 6, 1, tzinfo=UTC)]


def test_nothing_is_due_before_the_first_tick(engine: sa.Engine) -> None:
    request_due_night(engine, cron_trigger(make_settings()), INSTALLED, INSTALLED + timedelta(hours=3))
    assert runs(engine) == []


def test_twenty_clocks_on_one_tick_request_one_night(engine: sa.Engine) -> None:
    trigger = cron_trigger(make_settings())
    start = threading.Barrier(20)

    def tick() -> None:
        start.wait()
        request_due_night(engine, trigger, INSTALLED, INSTALLED + timedelta(days=1))

    threads = [threading.Thread(target=tick) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs(engine)) == 1


@pytest.mark.parametrize(
    ("since", "now", "ticks"),
    [
        # the clock goes forward at 02:00 on 29 March 2026: the night of that day is not lost
        ("2026-03-28T12:00", "2026-03-29T12:00", 1),
        # it goes back at 03:00 on 25 October 2026: 02:00 comes twice, the night once
        ("2026-10-24T12:00", "2026-10-25T12:00", 1),
    ],
)
def test_summer_time_costs_and_doubles_no_night(engine: sa.Engine, since: str, now: str, ticks: int) -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    trigger = cron_trigger(make_settings())
    moment, end = datetime.fromisoformat(since).replace(tzinfo=zone), datetime.fromisoformat(now).replace(tzinfo=zone)
    installed = moment
    while moment < end:
        moment = (moment.astimezone(UTC) + timedelta(minutes=20)).astimezone(zone)
        request_due_night(engine, trigger, installed, moment)
    assert len(runs(engine)) == ticks


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_latest_tick_is_the_last_one_that_is_not_in_the_future(minutes: int, more: int) -> None:
    trigger = cron_trigger(make_settings())
    since = (INSTALLED + timedelta(minutes=minutes % 10_000)).astimezone(trigger.timezone)
    now = since + timedelta(minutes=more % 5_000)
    tick = latest_tick(trigger, since, now)
    following = trigger.get_next_fire_time(tick or since, tick or since)
    assert tick is None or since < tick <= now
    assert following is not None
    assert following > now


@pytest.mark.parametrize(
    ("setting", "value"), [("night_cron", "every night"), ("night_cron", "61 2 * * *"), ("timezone", "Mars/Olympus")]
)
def test_a_line_or_zone_that_cannot_be_read_is_named(setting: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"NIGHTSHIFT_{setting.upper()}"):
        cron_trigger(Settings(data_dir=Path("unused"), **{setting: value}))


def test_starting_catches_up(engine: sa.Engine) -> None:
    scheduler = start_ticking(engine, make_settings(), datetime.now(UTC) - timedelta(days=2))
    scheduler.shutdown()
    assert len(runs(engine)) == 1


@pytest.fixture
def worker(engine: sa.Engine) -> Iterator[tuple[threading.Event, list[int]]]:
    """A night process whose nights only note that they ran; yields what is set at each, and their ids."""
    ran, ids, stopping = threading.Event(), list[int](), threading.Event()

    def run_next() -> bool:
        with engine.begin() as connection:
            done = retrain_run.update().where(retrain_run.c.status == "requested").values(status="done")
            found = list(connection.scalars(done.returning(retrain_run.c.id)))
        ids.extend(found)
        if found:
            ran.set()
        return bool(found)

    thread = threading.Thread(target=work_through_requests, args=(engine, run_next, stopping, lambda: None, 600))
    thread.start()
    yield ran, ids
    stopping.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_request_wakes_the_process(engine: sa.Engine, worker: tuple[threading.Event, list[int]]) -> None:
    ran, ids = worker
    first = request_run(engine, "slack", "T1:U1")
    assert ran.wait(20)  # without the notification it would be ten minutes
    ran.clear()
    second = request_run(engine, "slack", "T1:U1")
    assert ran.wait(20)
    assert ids == [first, second]


def test_the_process_survives_a_lost_connection(
    engine: sa.Engine, worker: tuple[threading.Event, list[int]], database_url: str
) -> None:
    ran, ids = worker
    request_run(engine, "cli", "test")
    assert ran.wait(20)
    ran.clear()
    other = sa.create_engine(database_url, poolclass=sa.NullPool)
    with other.begin() as connection:
        ended = connection.scalars(
            sa.text(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).all()
    other.dispose()
    assert all(ended)  # not just told to: within ten seconds they were gone
    request_run(engine, "cli", "test")
    assert ran.wait(30)
    assert len(ids) == 2


def test_nothing_that_fails_ends_the_process(engine: sa.Engine) -> None:
    stopping, tries = threading.Event(), list[int]()

    def fail_once() -> bool:
        tries.append(1)
        if len(tries) == 1:
            raise KeyError("a mistake of ours")
        stopping.set()
        return False

    work_through_requests(engine, fail_once, stopping, poll_s=0.01)
    assert len(tries) == 2
