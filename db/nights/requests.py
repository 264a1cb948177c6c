"""Runs are asked for by anybody: a row that waits, and whoever asks meanwhile joins it."""

from __future__ import annotations

import sqlalchemy as sa

from db.nights.runs import Kind, Trigger
from db.schema import retrain_run
from db.store import ask


def request_run(engine: sa.Engine, trigger: Trigger, requested_by: str, kind: Kind = "night") -> int:
    """Asks for a run and wakes the night process; joins a request for one of that kind that waits. Returns its id."""
    return request_or_join(engine, trigger, requested_by, kind)[0]


def request_or_join(engine: sa.Engine, trigger: Trigger, requested_by: str, kind: Kind = "night") -> tuple[int, bool]:
    """As `request_run`; also whether the request is a new one, which is the caller's own to withdraw.

    A run of the clock's that somebody joins is theirs from then on: told of, and not held back for want of news.
    """
    row = {"kind": kind, "trigger": trigger, "requested_by": requested_by}
    run = retrain_run.c
    waiting = sa.select().where(run.status == "requested", run.kind == kind).order_by(run.id)
    with engine.begin() as connection:
        asked, is_new = ask(connection, row, waiting, [retrain_run.c.id])
        if not is_new:
            of_the_clock = retrain_run.update().where(run.id == asked.id, run.trigger == "schedule")
            connection.execute(of_the_clock.where(run.status == "requested").values(row))
    return asked.id, is_new


def withdraw_request(engine: sa.Engine, run_id: int) -> bool:
    """Takes back a request that nobody has begun to do; whether it was one."""
    untouched = (retrain_run.c.status == "requested", retrain_run.c.attempt == 0, retrain_run.c.due_at.is_(None))
    with engine.begin() as connection:
        gone = connection.execute(retrain_run.delete().where(retrain_run.c.id == run_id, *untouched))
        return gone.rowcount == 1


def request_between_nights(engine: sa.Engine, requested_by: str) -> bool:
    """Asks for a ranking run, unless any run is under way or waits; whether it did."""
    row = {"kind": "ranking", "trigger": "schedule", "requested_by": requested_by}
    any_run = sa.select().where(retrain_run.c.status.in_(["running", "requested"]))
    with engine.begin() as connection:
        return ask(connection, row, any_run, [retrain_run.c.id])[1]
