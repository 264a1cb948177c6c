"""Nights that should have begun or ended long ago: what an admin, or whoever waits for one, is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.nights.crontab import night_line
from db.nights.runs import Run, unfinished_runs
from db.nights.ticks import database_time, last_due
from db.schema import generation, overdue_notice
from db.store import Queue

if TYPE_CHECKING:
    from db.settings import Settings

SILENT_AFTER = timedelta(minutes=2)
"""Many signs of life missed: a process that is there gives one every few seconds, whatever its night is at."""

_NOTICES = Queue(overdue_notice, overdue_notice.c.message_ts.is_(None))
_NOBODY = "Nobody runs nights: start `nightshift run`, or `nightshift nights`."


@dataclass(frozen=True, slots=True)
class Overdue:
    """`about` is the same for as long as it is the same thing; `sentence` says what is so, and what to do."""

    about: str
    sentence: str


def find_overdue(engine: sa.Engine, settings: Settings) -> Overdue | None:
    """The night that keeps the others waiting, or that nobody began; by the database's clock.

    Raises:
        DatabaseUnavailableError: it can't be read.
    """
    within = timedelta(hours=settings.night_overdue_after_h)
    now, unfinished = database_time(engine), unfinished_runs(engine)
    if unfinished:
        return why_overdue(unfinished[0], now, within)
    with engine.connect() as connection:
        installed_at = connection.scalar(sa.select(sa.func.min(generation.c.created_at)))
    tick = night_line(settings).latest(last_due(engine, now) or installed_at or now, now - within)
    if tick is None:
        return None
    return Overdue(f"tick {tick.isoformat()}", f"The night of {_when(tick)} was not begun. {_NOBODY}")


def why_overdue(run: Run, now: datetime, within: timedelta) -> Overdue | None:
    """Of a run that hasn't ended: that it gives no sign of life, or has been waiting or at work for longer."""
    about = f"run {run.id} attempt {run.attempt}"
    if run.status == "requested":
        if now - run.requested_at <= within:
            return None
        sentence = f"Run {run.id} was asked for at {_when(run.requested_at)}, and nobody has begun it. {_NOBODY}"
        return Overdue(f"{about} waiting", sentence)
    what, holder = f"run {run.id} ({run.phase or 'beginning'})", run.holder or "the process that has it"
    began = run.started_at or run.requested_at
    beat = run.beat_at or began
    if now - beat > SILENT_AFTER:
        return Overdue(
            f"{about} silent",
            f"There is no sign of life of {what} since {_when(beat)}. {holder[0].upper()}{holder[1:]} is frozen, gone, "
            "or cut off from the database: let it go on or end it, and the run is taken up where it stopped.",
        )
    if now - began > within:
        return Overdue(f"{about} long", f"It is time that {what} ended: it began at {_when(began)}, by {holder}.")
    return None


def claim_notice(engine: sa.Engine, overdue: Overdue, channel: str) -> bool:
    """Whether it is this caller's to tell the admins of it: each thing is told once; a claim that came to nothing ends.

    Raises:
        DatabaseUnavailableError: it can't be known.
    """
    new = insert(overdue_notice).values(about=overdue.about, channel=channel)
    with engine.begin() as connection:
        return bool(_NOTICES.claim(connection, new, "channel"))


def note_told(engine: sa.Engine, overdue: Overdue, message_ts: str) -> None:
    """Notes that the admins were told of it, by which message."""
    with engine.begin() as connection:
        _NOTICES.change(connection, overdue.about, None, message_ts=message_ts)


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"
