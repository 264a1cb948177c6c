"""Runs as rows: what each is, and which there are."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from db.errors import UnknownIdError
from db.nights.leases import Lease
from db.schema import retrain_run

PHASES = ("snapshot", "learn", "write", "train", "fit", "embed", "gate", "index", "promote")
"""In order; a refused run ends before the last, and `write` is there only where it is asked for.

A ranking run fits where a night trains, and neither embeds nor indexes anything.
"""

Kind = Literal["night", "ranking"]
"""A `night` trains an encoder and fits a ranking for it, a ranking run fits one for the encoder that serves."""

Trigger = Literal["schedule", "cli", "slack", "console"]
Decision = Literal["promoted", "refused", "pending", "trial"]
"""`pending`: it passed the gate, and a person is to decide; `trial`: people's votes are. What they decide takes its
place."""


@dataclass(frozen=True, slots=True)
class Run:
    """A row of `retrain_run`: a night or a ranking run, by its `kind`.

    `attempt` grows each time a process takes it up, `stopped` where that was no death.
    """

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
    kind: Kind = "night"

    @property
    def lease(self) -> Lease:
        """Of the attempt that this is."""
        return self.id, self.attempt


COLUMNS = [retrain_run.c[field.name] for field in fields(Run)]
"""A run's, in the order of its fields."""
TURN = (retrain_run.c.status != "running", retrain_run.c.kind != "night", retrain_run.c.id)
"""The order in which what isn't finished is done."""


def get_run(engine: sa.Engine, run_id: int) -> Run:
    """One run.

    Raises:
        UnknownIdError: there is none by that id.
    """
    with engine.connect() as connection:
        row = connection.execute(sa.select(*COLUMNS).where(retrain_run.c.id == run_id)).one_or_none()
    if row is None:
        raise UnknownIdError(f"There is no run {run_id}.")
    return Run(*row)


def list_runs(engine: sa.Engine, limit: int = 20) -> list[Run]:
    """The latest runs, newest first."""
    with engine.connect() as connection:
        query = sa.select(*COLUMNS).order_by(retrain_run.c.id.desc()).limit(limit)
        return [Run(*row) for row in connection.execute(query).all()]


def last_ended(engine: sa.Engine, kind: Kind) -> Run | None:
    """The latest run of that kind that came to an end, whichever; None before there is any."""
    run = retrain_run.c
    ended = sa.select(*COLUMNS).where(run.kind == kind, run.finished_at.is_not(None))
    with engine.connect() as connection:
        row = connection.execute(ended.order_by(run.id.desc()).limit(1)).one_or_none()
    return Run(*row) if row is not None else None


def find_refused(engine: sa.Engine, phase: str, **facts: Any) -> Run | None:  # noqa: ANN401 - JSON values
    """The latest run that was refused, and has these among the facts of that phase; None where there is none."""
    run = retrain_run.c
    query = sa.select(*COLUMNS).where(run.decision == "refused", run.phases.contains({phase: facts}))
    with engine.connect() as connection:
        row = connection.execute(query.order_by(run.id.desc()).limit(1)).one_or_none()
    return Run(*row) if row is not None else None


def last_looked(engine: sa.Engine) -> Run | None:
    """The latest run that ended and had read what there is to learn a ranking from; None before there is any.

    That is a ranking run, or a night that got as far as to train.
    """
    run = retrain_run.c
    fitted = (run.kind == "ranking") | run.phases.has_key("train")
    ended = sa.select(*COLUMNS).where(run.status.in_(["done", "failed"]), run.snapshot.is_not(None), fitted)
    with engine.connect() as connection:
        row = connection.execute(ended.order_by(run.id.desc()).limit(1)).one_or_none()
    return Run(*row) if row is not None else None


def last_ranking_request(engine: sa.Engine) -> datetime | None:
    """When a ranking run was last asked for; None where none was."""
    latest = sa.select(retrain_run.c.requested_at).where(retrain_run.c.kind == "ranking")
    with engine.connect() as connection:
        found: datetime | None = connection.scalar(latest.order_by(retrain_run.c.id.desc()).limit(1))
    return found


def unfinished_runs(engine: sa.Engine) -> list[Run]:
    """What is under way, then what waits, in the order in which it is done."""
    wanted = sa.select(*COLUMNS).where(retrain_run.c.status.in_(["running", "requested"]))
    with engine.connect() as connection:
        return [Run(*row) for row in connection.execute(wanted.order_by(*TURN)).all()]
