"""The ticks of the nights' clock: one night for each, whatever clocks do that are ahead."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.schema import retrain_run
from db.store import wake


def request_scheduled_run(engine: sa.Engine, requested_by: str, due_at: datetime) -> bool:
    """Asks for the night of one tick; whether it was the first to do so."""
    row = {"trigger": "schedule", "requested_by": requested_by, "due_at": due_at}
    first = insert(retrain_run).values(row).on_conflict_do_nothing(index_elements=["due_at"])
    with engine.begin() as connection:
        run_id: int | None = connection.scalar(first.returning(retrain_run.c.id))
        if run_id is not None:
            wake(connection)
        return run_id is not None


def last_due(engine: sa.Engine, now: datetime) -> datetime | None:
    """The latest tick that a night was requested for; one that is still to come counts for nothing."""
    past = sa.select(sa.func.max(retrain_run.c.due_at)).where(retrain_run.c.due_at <= now)
    with engine.connect() as connection:
        latest: datetime | None = connection.scalar(past)
    return latest


def forget_ticks_ahead(engine: sa.Engine, now: datetime) -> list[int]:
    """Takes from nights the ticks that a clock made up by being ahead, so that those get their own; returns their ids.

    They are still to come, and an earlier tick was met after them.
    """
    ahead, later = retrain_run, retrain_run.alias("later")
    went_back = sa.exists().where(later.c.id > ahead.c.id, later.c.due_at < ahead.c.due_at)
    forget = ahead.update().where(ahead.c.due_at > now, went_back).values(due_at=None).returning(ahead.c.id)
    with engine.begin() as connection:
        return list(connection.scalars(forget))


def database_time(engine: sa.Engine) -> datetime:
    """What the database's clock says: the one clock that all machines share."""
    with engine.connect() as connection:
        now: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return now
