"""When nights and ranking runs are due: each becomes a request, and requests are run one after the other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from apscheduler.triggers.base import BaseTrigger

from db.errors import NightBusyError
from db.feedback import count_votes_since
from db.generations import open_trial, undecided_generations
from db.nights import (
    CronLine,
    database_time,
    forget_ticks_ahead,
    last_due,
    last_looked,
    last_ranking_request,
    night_line,
    request_between_nights,
    request_scheduled_run,
    unfinished_runs,
)
from db.store import listening

if TYPE_CHECKING:
    import sqlalchemy as sa
    from apscheduler.schedulers.background import BackgroundScheduler

    from db.settings import Settings

log = logging.getLogger(__name__)

AT_MOST_EVERY = timedelta(hours=1)
"""Between ranking runs that nobody asked for."""

LEAST_NEW, LEAST_SHARE_NEW = 30, 0.1
"""Votes that are new since anything was last fitted, or was to be, and as a share of those there were."""

POLL_S = 30.0
"""How long a request can wait when its notification is lost."""


class CronTrigger(BaseTrigger):  # type: ignore[misc]
    """A crontab line as APScheduler takes it."""

    def __init__(self, line: CronLine) -> None:
        self.line = line
        self.timezone = line.zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first tick after the previous one; without one, the first that isn't past."""
        return self.line.next_after(previous_fire_time or now - timedelta(microseconds=1))


def cron_trigger(settings: Settings) -> CronTrigger:
    """The setting as a trigger.

    Raises:
        ConfigurationError: the crontab line or the time zone can't be read.
    """
    return CronTrigger(night_line(settings))


def latest_tick(trigger: CronTrigger, since: datetime, now: datetime) -> datetime | None:
    """The last tick in (since, now], or None: however many were missed, one night makes up for them."""
    return trigger.line.latest(since, now)


def request_due_night(engine: sa.Engine, trigger: CronTrigger, installed_at: datetime, now: datetime) -> None:
    """Requests the night that is due by now, if there is one, be it late; as often as it is called, once.

    A `now` that was wrong costs nothing afterwards: ticks that are still to come count for nothing, and get nights of
    their own.
    """
    if early := forget_ticks_ahead(engine, now):
        log.warning(
            "a clock was ahead: of runs %s the ticks are still to come, and will get nights of their own", early
        )
    tick = latest_tick(trigger, last_due(engine, now) or installed_at, now)
    if tick is not None and request_scheduled_run(engine, "the clock", tick):
        log.info("the night of %s is due", tick.isoformat())


def request_due_ranking_run(engine: sa.Engine, settings: Settings, now: datetime) -> bool:
    """Requests a ranking run if people said enough that is new, unless there is anything else to do; whether it did.

    A night that is due is to be requested before. What waits for a person's decision, or is on trial, keeps
    rankings waiting too.
    """
    if settings.ranking_runs == "off" or unfinished_runs(engine) or undecided_generations(engine):
        return False
    if open_trial(engine) is not None:  # what serves may not for much longer
        return False
    latest = last_ranking_request(engine)
    if latest is not None and timedelta(0) <= now - latest < AT_MOST_EVERY:  # or a clock was ahead
        return False
    read = last_looked(engine)
    before = read.phases.get("snapshot", {}).get("votes", 0) if read else 0
    new = count_votes_since(engine, (read.snapshot or {}).get("vote_event_id", 0) if read else 0)
    if not enough_is_new(new, before) or not request_between_nights(engine, "the clock"):
        return False
    log.info("a ranking run is due: %d votes are new, and there were %d", new, before)
    return True


def enough_is_new(new: int, before: int) -> bool:
    """Whether a ranking may be fitted again: 30 new votes, and a tenth of those that there were."""
    return new >= max(LEAST_NEW, ceil(LEAST_SHARE_NEW * before))


def start_ticking(engine: sa.Engine, settings: Settings, installed_at: datetime) -> BackgroundScheduler:
    """Starts the clock. A tick asks the database which night is due, so a late or doubled one does no harm."""
    from apscheduler.schedulers.background import BackgroundScheduler

    trigger = cron_trigger(settings)

    def tick() -> None:
        request_due_night(engine, trigger, installed_at, database_time(engine))

    # it compares times of one zone by what their clock shows, and UTC shows nothing twice
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(tick, trigger, coalesce=True, misfire_grace_time=settings.night_misfire_grace_s, max_instances=1)
    scheduler.start()
    tick()
    return scheduler


def work_through_requests(
    engine: sa.Engine,
    run_next: Callable[[], bool],
    stopping: threading.Event,
    check_due: Callable[[], None] = lambda: None,
    poll_s: float = POLL_S,
) -> None:
    """Runs what is requested, until told to stop; `run_next` returns whether there was a run to do.

    `check_due` is called at every look: a machine that slept through a tick hears nothing of it from the clock. What
    keeps it from going on is said once, however long that lasts.
    """
    said = ""
    while not stopping.is_set():
        try:
            with listening(engine) as wait:  # before looking, so that a request made right after it still wakes us
                while not stopping.is_set():
                    check_due()
                    while not stopping.is_set() and run_next():
                        pass
                    said = ""
                    wait(stopping, poll_s)
        except NightBusyError as error:
            said = _say_change(logging.WARNING, f"this process waits with its nights: {error}", said)
            stopping.wait(poll_s)
        except Exception as error:  # whatever it is, requests must not wait for somebody to start us again
            what = f"the night process could not go on and tries again: {type(error).__name__}"
            said = _say_change(logging.ERROR, what, said)
            stopping.wait(min(5.0, poll_s))


def _say_change(level: int, what: str, said: str) -> str:
    if what != said:
        log.log(level, "%s", what)
    return what
