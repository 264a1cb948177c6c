"""The clock: every tick one night, however it is missed, doubled or moved; requests wake the process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from db.errors import ConfigurationError, NightBusyError
from db.generations import reject_generation
from db.nights.requests import request_run
from db.nights.runs import list_runs, unfinished_runs
from db.nights.ticks import database_time
from db.schema import retrain_run
from db.settings import Settings
from retrain.night import schedule
from retrain.night.schedule import (
    cron_trigger,
    enough_is_new,
    latest_tick,
    request_due_night,
    request_due_ranking_run,
    start_ticking,
    work_through_requests,
)
from tests.corpus import add_base_generation
from tests.night_rows import make_ranking_run, make_run, store_run
from tests.waiting_generation import add_waiting_generation

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


def test_twenty_clocks_on_one_tick_request_one_night(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """All have found that the night is due before any has requested it."""
    caplog.set_level(logging.INFO)
    trigger = cron_trigger(make_settings())
    meeting = threading.Barrier(20)

    def meet(*arguments: Any) -> datetime | None:
        tick = latest_tick(*arguments)
        meeting.wait(30)
        return tick

    monkeypatch.setattr(schedule, "latest_tick", meet)
    with ThreadPoolExecutor(20) as pool:
        looks = [
            pool.submit(request_due_night, engine, trigger, INSTALLED, INSTALLED + timedelta(days=1)) for _ in range(20)
        ]
    assert [look.exception() for look in looks] == [None] * 20
    assert len(runs(engine)) == 1
    assert len([line for line in caplog.messages if "is due" in line]) == 1


@pytest.mark.parametrize(
    ("ahead", "of_its_own"),
    [(timedelta(days=365), 1), (timedelta(days=30), 1), (timedelta(hours=1), 0)],  # the last was the night of that tick
)
def test_a_clock_that_was_ahead_once_costs_no_night_afterwards(
    engine: sa.Engine, ahead: timedelta, of_its_own: int
) -> None:
    trigger = cron_trigger(make_settings())
    now = INSTALLED + timedelta(hours=12, minutes=20)  # 01:20 in Amsterdam
    request_due_night(engine, trigger, INSTALLED, now)
    assert runs(engine) == []
    request_due_night(engine, trigger, INSTALLED, now + ahead)
    assert len(runs(engine)) == 1
    for hour in range(3 * 24):
        request_due_night(engine, trigger, INSTALLED, now + timedelta(hours=hour))
    due = [tick for tick in runs(engine) if tick is not None]
    assert sorted(due) == [datetime(2026, 3, day, 1, tzinfo=UTC) for day in (2, 3, 4)]
    assert len(runs(engine)) == of_its_own + 3
    # nor when the time has come that the clock showed
    request_due_night(engine, trigger, INSTALLED, now + ahead + timedelta(days=10))
    request_due_night(engine, trigger, INSTALLED, now + ahead + timedelta(days=11))
    assert len(runs(engine)) == of_its_own + 5


def test_a_clock_that_is_set_back_a_little_brings_no_tick_twice(engine: sa.Engine) -> None:
    trigger, tick = cron_trigger(make_settings()), datetime(2026, 3, 2, 1, tzinfo=UTC)
    for seconds in (0, -1, 1, -300, 300):
        request_due_night(engine, trigger, INSTALLED, tick + timedelta(seconds=seconds))
    assert runs(engine) == [tick]


def test_a_clock_that_is_behind_costs_nothing(engine: sa.Engine) -> None:
    trigger = cron_trigger(make_settings())
    for days in (1, 2, -300, 2, 3):
        request_due_night(engine, trigger, INSTALLED, INSTALLED + timedelta(days=days))
    assert runs(engine) == [datetime(2026, 3, day, 1, tzinfo=UTC) for day in (4, 3, 2)]


def test_the_clock_that_counts_is_the_database_s(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[datetime]()
    monkeypatch.setattr(schedule, "request_due_night", lambda *arguments: asked.append(arguments[-1]))
    monkeypatch.setattr(schedule, "database_time", lambda _engine: INSTALLED)
    start_ticking(engine, make_settings(), INSTALLED).shutdown()
    assert asked == [INSTALLED]
    before = datetime.now(UTC) - timedelta(minutes=1)
    assert before < database_time(engine) < before + timedelta(minutes=2)


def test_what_is_due_is_looked_for_at_every_look(engine: sa.Engine) -> None:
    """Without a word from the clock, as after a machine slept through the tick."""
    stopping, looks = threading.Event(), list[int]()
    trigger, now = cron_trigger(make_settings()), INSTALLED

    def check_due() -> None:
        request_due_night(engine, trigger, INSTALLED, now + len(looks) * timedelta(hours=7))

    def run_next() -> bool:
        looks.append(len(runs(engine)))
        if len(looks) == 5:
            stopping.set()
        return False

    work_through_requests(engine, run_next, stopping, check_due, poll_s=0.01)
    assert looks == [0, 0, 1, 1, 1]


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


def test_what_keeps_it_from_going_on_is_said_once_for_as_long_as_it_lasts(
    engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    stopping = threading.Event()
    looks: list[Exception | None] = [
        *(NightBusyError() for _ in range(3)),
        *(NightBusyError("Run 7 is overdue.") for _ in range(3)),
        *(KeyError("ours") for _ in range(3)),
        None,
        KeyError("ours"),
    ]

    def run_next() -> bool:
        error = looks.pop(0)
        if not looks:
            stopping.set()
        if error is not None:
            raise error
        return False

    work_through_requests(engine, run_next, stopping, poll_s=0.01)
    assert [line.partition(": ")[2] for line in caplog.messages] == [
        "Another night is running.",
        "Run 7 is overdue.",
        "KeyError",
        "KeyError",  # anew, after it had gone on
    ]


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


@pytest.mark.parametrize(
    ("new", "before", "enough"),
    [(29, 0, False), (30, 0, True), (30, 300, True), (30, 301, False), (31, 301, True), (99, 1000, False)],
)
def test_a_ranking_run_takes_thirty_new_votes_and_a_tenth(new: int, before: int, enough: bool) -> None:
    assert enough_is_new(new, before) == enough


class Votes:
    """So many new votes since a run that had read others."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.new, self.since = 0, list[int]()
        monkeypatch.setattr(schedule, "count_votes_since", self._count)

    def _count(self, _: sa.Engine, vote_event_id: int) -> int:
        self.since.append(vote_event_id)
        return self.new


@pytest.fixture
def votes(monkeypatch: pytest.MonkeyPatch) -> Votes:
    return Votes(monkeypatch)


def test_a_ranking_run_is_due_once_enough_is_new_since_anything_was_fitted(engine: sa.Engine, votes: Votes) -> None:
    settings, now = make_settings(), database_time(engine)
    store_run(
        engine, make_run(snapshot={"vote_event_id": 7, "pair_id": 1}, phases={"snapshot": {"votes": 400}, "train": {}})
    )
    votes.new = 39
    assert not request_due_ranking_run(engine, settings, now)
    votes.new = 40
    assert not request_due_ranking_run(engine, make_settings(ranking_runs="off"), now)
    assert request_due_ranking_run(engine, settings, now)
    [run] = unfinished_runs(engine)
    assert (run.kind, run.trigger, run.due_at, set(votes.since)) == ("ranking", "schedule", None, {7})
    assert not request_due_ranking_run(engine, settings, now)


def test_a_night_that_fitted_nothing_leaves_votes_as_new_as_they_were(engine: sa.Engine, votes: Votes) -> None:
    store_run(engine, make_run(snapshot={"vote_event_id": 7, "pair_id": 1}))
    learnt = {"snapshot": {"votes": 400}, "learn": {}}
    store_run(engine, make_run(snapshot={"vote_event_id": 9, "pair_id": 1}, decision="refused", phases=learnt))
    votes.new = 40
    assert request_due_ranking_run(engine, make_settings(), database_time(engine))
    assert votes.since == [7]


def test_a_clock_that_was_ahead_keeps_no_ranking_run_waiting(engine: sa.Engine, votes: Votes) -> None:
    votes.new, now = 100, database_time(engine)
    store_run(engine, make_ranking_run(requested_at=now + timedelta(days=300)))
    assert request_due_ranking_run(engine, make_settings(), now)
    [run] = unfinished_runs(engine)
    end(engine, run.id)
    assert not request_due_ranking_run(engine, make_settings(), now + timedelta(minutes=59))


def test_ranking_runs_are_an_hour_apart_and_leave_the_night_its_turn(engine: sa.Engine, votes: Votes) -> None:
    settings, votes.new = make_settings(), 100
    night = request_run(engine, "slack", "T1:U1")
    assert not request_due_ranking_run(engine, settings, database_time(engine))
    end(engine, night)
    assert request_due_ranking_run(engine, settings, database_time(engine))
    end(engine, night + 1)
    now = database_time(engine)
    assert not request_due_ranking_run(engine, settings, now + timedelta(minutes=59))
    assert request_due_ranking_run(engine, settings, now + timedelta(minutes=61))


def test_a_ranking_waits_for_whatever_waits_for_a_person(engine: sa.Engine, votes: Votes) -> None:
    add_base_generation(engine)
    waiting = add_waiting_generation(engine)
    votes.new = 1000
    assert not request_due_ranking_run(engine, make_settings(), database_time(engine))
    reject_generation(engine, waiting, "No.")
    assert request_due_ranking_run(engine, make_settings(), database_time(engine))


def test_twenty_clocks_request_one_ranking_run(engine: sa.Engine, votes: Votes) -> None:
    votes.new = 30
    now = database_time(engine)
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: request_due_ranking_run(engine, make_settings(), now), range(20)))
    assert (sum(found), len(list_runs(engine))) == (1, 1)


def end(engine: sa.Engine, run_id: int) -> None:
    with engine.begin() as connection:
        connection.execute(retrain_run.update().where(retrain_run.c.id == run_id).values(status="done"))
