"""Who has a night: the lease that each attempt at a run holds, its signs of life, and how it is let go."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from db.errors import StaleRunError
from db.schema import retrain_run
from db.store import Queue

Lease = tuple[int, int]
"""A run's id, and the number of the attempt at it."""

BEAT_EVERY_S = 10.0

MAX_ATTEMPTS = 3
"""A run that died this often is given up, so that it can't keep the next ones from running."""

RUNS = Queue(
    retrain_run,
    retrain_run.c.status == "running",
    spent=retrain_run.c.attempt - retrain_run.c.stopped >= MAX_ATTEMPTS,
    attempt="attempt",
    alive_at="beat_at",
)


def require_lease(connection: sa.Connection, lease: Lease) -> None:
    """Until the transaction ends, nobody else takes the run up. Vectors are held first, where they are held too.

    Raises:
        StaleRunError: somebody did, or it was let go.
    """
    if not RUNS.hold(connection, *lease):
        raise StaleRunError


def let_go(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> None:
    """Ends the leases of runs under way, without that counting as a death: they are there to be taken up again."""
    running = retrain_run.update().where(RUNS.at_work, *which)
    connection.execute(running.values(status="requested", stopped=retrain_run.c.stopped + 1))


def this_process() -> str:
    """Where to look for the process that has a run."""
    return f"process {os.getpid()} on {socket.gethostname()}"


@contextmanager
def keep_beating(engine: sa.Engine, lease: Lease, every_s: float = BEAT_EVERY_S) -> Iterator[Callable[[], None]]:
    """Gives signs of life while the block runs, as long as this process does; yields what raises once it's in vain.

    A process that is frozen, or cut off from the database, gives none. What is yielded raises StaleRunError when the
    lease was found lost.
    """
    done, lost = threading.Event(), threading.Event()
    # each by itself: one that is frozen in mid-transaction would keep others from the row
    single = engine.execution_options(isolation_level="AUTOCOMMIT")

    def keep() -> None:
        while not done.wait(every_s) and not lost.is_set():
            with suppress(Exception), single.connect() as connection:  # the database is away: a missing sign of life
                if not RUNS.renew(connection, *lease):
                    lost.set()

    def require() -> None:
        if lost.is_set():
            raise StaleRunError

    thread = threading.Thread(target=keep, name="signs of life", daemon=True)
    thread.start()
    try:
        yield require
    finally:
        done.set()
        thread.join(1.0)
