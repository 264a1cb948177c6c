"""When nights run: ticks become requests in the database, and requests are run one after the other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from db.engine import RawConnection, driver
from db.errors import ConfigurationError, NightBusyError
from db.runs import REQUESTED_CHANNEL, last_due, request_scheduled_run

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.triggers.cron import CronTrigger

    from db.settings import Settings

log = logging.getLogger(__name__)

POLL_S = 30.0
"""How long a request can wait when its notification is lost."""


def cron_trigger(settings: Settings) -> CronTrigger:
    """The setting as a trigger.

    Raises:
        ConfigurationError: the crontab line or the time zone can't be read.
    """
    from apscheduler.triggers.cron import CronTrigger

    try:
        zone = ZoneInfo(settings.timezone)
    except (KeyError, ValueError, OSError):
        raise ConfigurationError(
            f"NIGHTSHIFT_TIMEZONE: {settings.timezone!r} is not a time zone; use a name like Europe/Amsterdam."
        ) from None
    try:
        return CronTrigger.from_crontab(settings.night_cron, timezone=zone)
    except ValueError as error:
        raise ConfigurationError(
            f"NIGHTSHIFT_NIGHT_CRON: {settings.night_cron!r} is not a crontab line ({error}); "
            "use five fields like '0 2 * * *'."
        ) from None


def latest_tick(trigger: CronTrigger, since: datetime, now: datetime) -> datetime | None:
    """The last tick in (since, now], or None: however many were missed, one night makes up for them."""
    latest = None
    tick = trigger.get_next_fire_time(since, since)
    while tick is not None and tick <= now:
        latest = tick if tick > since else latest
        tick = trigger.get_next_fire_time(tick, tick)
    return latest


def request_due_night(engine: sa.Engine, trigger: CronTrigger, installed_at: datetime, now: datetime) -> None:
    """Requests the night that is due by now, if there is one, be it late; as often as it is called, once."""
    tick = latest_tick(trigger, (last_due(engine) or installed_at).astimezone(trigger.timezone), now)
    if tick is not None and request_scheduled_run(engine, "the clock", tick):
        log.info("the night of %s is due", tick.isoformat())


def start_ticking(engine: sa.Engine, settings: Settings, installed_at: datetime) -> BackgroundScheduler:
    """Starts the clock. A tick asks the database which night is due, so a late or doubled one does no harm."""
    from apscheduler.schedulers.background import BackgroundScheduler

    trigger = cron_trigger(settings)

    def tick() -> None:
        request_due_night(engine, trigger, installed_at, datetime.now(UTC))

    scheduler = BackgroundScheduler(timezone=trigger.timezone)
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

    `check_due` is called at every look: a machine that slept through a tick hears nothing of it from the clock.
    """
    while not stopping.is_set():
        try:
            with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                raw = driver(connection)
                # before looking, so that a request made right after it still wakes us
                raw.execute(f"LISTEN {REQUESTED_CHANNEL}")
                while not stopping.is_set():
                    check_due()
                    while not stopping.is_set() and run_next():
                        pass
                    _wait(raw, stopping, poll_s)
        except NightBusyError:
            log.warning("another process has a night running; this one waits")
            stopping.wait(poll_s)
        except Exception as error:  # whatever it is, requests must not wait for somebody to start us again
            log.error("the night process could not go on and tries again: %s", type(error).__name__)
            stopping.wait(min(5.0, poll_s))


def _wait(raw: RawConnection, stopping: threading.Event, timeout_s: float) -> None:
    """Until a notification comes, time is up, or we are told to stop (seen within a second)."""
    for _ in range(max(1, round(timeout_s))):
        if stopping.is_set() or list(raw.notifies(timeout=1.0, stop_after=1)):
            return
