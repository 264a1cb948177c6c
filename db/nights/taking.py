"""A run in one process's hands: taken up by one at a time, noted as it goes, taken up again after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from db.errors import DatabaseUnavailableError, NightBusyError, StaleRunError
from db.nights.leases import MAX_ATTEMPTS, RUNS, let_go, this_process
from db.nights.runs import COLUMNS, TURN, Decision, Run
from db.schema import retrain_run
from db.store import alone

STOP_WITHIN_S = 3
"""Seconds that a stop takes to let go of a run; where the database is slower, it counts as a death."""

_LOCK = 0x6E69_0004


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
    unfinished = sa.select().where(run.status.in_(["running", "requested"])).order_by(*TURN)
    died = f"It died {MAX_ATTEMPTS} times and was given up."
    given_up = {"status": "failed", "finished_at": sa.func.now(), "reasons": [died]}
    began = sa.func.coalesce(run.started_at, sa.func.now())
    begins = {"status": "running", "started_at": began, "holder": this_process()}
    with engine.begin() as connection:
        row = RUNS.take_next(connection, unfinished, COLUMNS, given_up, **begins)
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
        row = RUNS.change(connection, *run.lease, *COLUMNS, **values)
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
