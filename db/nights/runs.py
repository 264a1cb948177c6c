"""Nights as rows: requested by anybody, run by one process at a time, taken up again after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from db.errors import DatabaseUnavailableError, NightBusyError, StaleRunError, UnknownIdError
from db.nights.leases import MAX_ATTEMPTS, RUNS, Lease, let_go, this_process
from db.schema import retrain_run
from db.store import alone, ask, wake

PHASES = ("snapshot", "learn", "write", "train", "embed", "gate", "index", "promote")
"""Of a night, in order; a refused one ends before the last, and `write` is there only where it is asked for."""

STOP_WITHIN_S = 3
"""Seconds that a stop takes to let go of a run; where the database is slower, it counts as a death."""

_LOCK = 0x6E69_0004

Trigger = Literal["schedule", "cli", "slack", "console"]
Decision = Literal["promoted", "refused", "pending"]
"""`pending`: it passed the gate, and a person is to decide; what they decide takes its place."""


@dataclass(frozen=True, slots=True)
class Run:
    """A row of `retrain_run`; `attempt` grows each time a process takes it up, `stopped` where that was no death."""

    id: int
    trigger: Trigger
    requested_by: str
    requested_at: datetime
    due_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    status: Literal["requested", "running", "done", "failed"]
    attempt: int
    phase: str | None
    phases: dict[str, Any]
    snapshot: dict[str, Any] | None
    parent_id: int | None
    decision: Decision | None
    reasons: list[str]
    evidence: dict[str, Any] | None
    stopped: int = 0
    beat_at: datetime | None = None
    holder: str | None = None

    @property
    def lease(self) -> Lease:
        """Of the attempt that this is."""
        return self.id, self.attempt


_COLUMNS = [retrain_run.c[field.name] for field in fields(Run)]
_TURN = (retrain_run.c.status != "running", retrain_run.c.id)


def request_run(engine: sa.Engine, trigger: Trigger, requested_by: str) -> int:
    """Asks for a night and wakes the night process; joins a request that is waiting already. Returns the run's id."""
    return request_or_join(engine, trigger, requested_by)[0]


def request_or_join(engine: sa.Engine, trigger: Trigger, requested_by: str) -> tuple[int, bool]:
    """As `request_run`; also whether the request is a new one, which is the caller's own to withdraw."""
    row = {"trigger": trigger, "requested_by": requested_by}
    waiting = sa.select().where(retrain_run.c.status == "requested").order_by(retrain_run.c.id)
    with engine.begin() as connection:
        asked, is_new = ask(connection, row, waiting, [retrain_run.c.id])
    return asked.id, is_new


def withdraw_request(engine: sa.Engine, run_id: int) -> bool:
    """Takes back a request that nobody has begun to do; whether it was one."""
    untouched = (retrain_run.c.status == "requested", retrain_run.c.attempt == 0, retrain_run.c.due_at.is_(None))
    with engine.begin() as connection:
        gone = connection.execute(retrain_run.delete().where(retrain_run.c.id == run_id, *untouched))
        return gone.rowcount == 1


def request_scheduled_run(engine: sa.Engine, requested_by: str, due_at: datetime) -> bool:
    """Asks for the night of one tick; whether it was the first to do so."""
    row = {"trigger": "schedule", "requested_by": requested_by, "due_at": due_at}
    first = insert(retrain_run).values(row).on_conflict_do_nothing(index_elements=["due_at"])
    with engine.begin() as connection:
        run_id: int | None = connection.scalar(first.returning(retrain_run.c.id))
        if run_id is not None:
            wake(connection)
        return run_id is not None


def get_run(engine: sa.Engine, run_id: int) -> Run:
    """One run.

    Raises:
        UnknownIdError: there is none by that id.
    """
    with engine.connect() as connection:
        row = connection.execute(sa.select(*_COLUMNS).where(retrain_run.c.id == run_id)).one_or_none()
    if row is None:
        raise UnknownIdError(f"There is no run {run_id}.")
    return Run(*row)


def list_runs(engine: sa.Engine, limit: int = 20) -> list[Run]:
    """The latest runs, newest first."""
    with engine.connect() as connection:
        query = sa.select(*_COLUMNS).order_by(retrain_run.c.id.desc()).limit(limit)
        return [Run(*row) for row in connection.execute(query).all()]


def find_refused(engine: sa.Engine, phase: str, **facts: Any) -> Run | None:  # noqa: ANN401 - JSON values
    """The latest run that was refused, and has these among the facts of that phase; None where there is none."""
    run = retrain_run.c
    query = sa.select(*_COLUMNS).where(run.decision == "refused", run.phases.contains({phase: facts}))
    with engine.connect() as connection:
        row = connection.execute(query.order_by(run.id.desc()).limit(1)).one_or_none()
    return Run(*row) if row is not None else None


def unfinished_runs(engine: sa.Engine) -> list[Run]:
    """What is under way, then what waits, in the order in which it is done."""
    wanted = sa.select(*_COLUMNS).where(retrain_run.c.status.in_(["running", "requested"]))
    with engine.connect() as connection:
        return [Run(*row) for row in connection.execute(wanted.order_by(*_TURN)).all()]


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


@contextmanager
def take_next_run(engine: sa.Engine) -> Iterator[Run | None]:
    """Lends the next run to do, or None: one that died comes before one that was requested.

    While the block runs no other process gets a run: a session lock, free at once when this process dies, sees to it.
    A process that lost its connection without noticing holds a lease (`run.attempt`) that no longer counts. A block
    that is stopped (Ctrl-C, a signal) lets go of its run, which is no death.

    Raises:
        NightBusyError: another process has a run.
        DatabaseRefusedError: a pooler lends no session that stays one's own.
        DatabaseUnavailableError: it can't be reached, or was lost while the block ran.
    """
    with alone(engine, _LOCK) as session:
        if session is None:
            raise NightBusyError
        run = _take(engine)
        try:
            yield run
        except (KeyboardInterrupt, SystemExit):
            if run is not None:
                _stop(session, run)
            raise


def _take(engine: sa.Engine) -> Run | None:
    run = retrain_run.c
    unfinished = sa.select().where(run.status.in_(["running", "requested"])).order_by(*_TURN)
    died = f"It died {MAX_ATTEMPTS} times and was given up."
    given_up = {"status": "failed", "finished_at": sa.func.now(), "reasons": [died]}
    began = sa.func.coalesce(run.started_at, sa.func.now())
    begins = {"status": "running", "started_at": began, "holder": this_process()}
    with engine.begin() as connection:
        row = RUNS.take_next(connection, unfinished, _COLUMNS, given_up, **begins)
    return Run(*row) if row is not None else None


def _stop(session: sa.Connection, run: Run) -> None:
    with suppress(DatabaseUnavailableError):
        session.execute(sa.text(f"SET statement_timeout = {STOP_WITHIN_S * 1000}"))
        let_go(session, retrain_run.c.id == run.id, retrain_run.c.attempt == run.attempt)
        session.execute(sa.text("RESET statement_timeout"))


def update_run(engine: sa.Engine, run: Run, **values: Any) -> Run:  # noqa: ANN401 - a row's columns
    """Changes columns of a run that this process still has the lease of.

    Raises:
        StaleRunError: another process took the run up since.
    """
    with engine.begin() as connection:
        row = RUNS.change(connection, *run.lease, *_COLUMNS, **values)
    if row is None:
        raise StaleRunError
    return Run(*row)


def record_phase(engine: sa.Engine, run: Run, phase: str, **facts: Any) -> Run:  # noqa: ANN401 - JSON values
    """Notes what a finished phase took and counted (`seconds=…, labels=…`).

    Raises:
        StaleRunError: another process took the run up since.
    """
    return update_run(engine, run, phases=retrain_run.c.phases + sa.cast({phase: facts}, JSONB))


def finish_run(
    engine: sa.Engine, run: Run, decision: Decision, reasons: list[str], evidence: dict[str, Any] | None = None
) -> Run:
    """Ends a run with its decision.

    Raises:
        StaleRunError: another process took the run up since.
    """
    return update_run(
        engine,
        run,
        status="done",
        phase=None,
        decision=decision,
        reasons=reasons,
        evidence=evidence,
        finished_at=sa.func.now(),
    )


def fail_run(engine: sa.Engine, run: Run, reason: str) -> Run:
    """Ends a run that could not be carried through; the next one starts afresh.

    Raises:
        StaleRunError: another process took the run up since.
    """
    return update_run(engine, run, status="failed", reasons=[reason], finished_at=sa.func.now())
