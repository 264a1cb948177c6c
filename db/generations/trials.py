"""Trials as rows: which candidate answers beside what serves, on what terms, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from db.errors import UnknownIdError
from db.generations.roles import leave_service
from db.generations.settling import settle_run
from db.schema import generation, trial

if TYPE_CHECKING:
    from db.nights import Decision

TrialStatus = Literal["proposed", "running", "promoted", "dropped", "undecided", "stopped"]
"""`promoted`, `dropped`: votes decided; `undecided`: they didn't in time; `stopped`: a person ended it, or what serves
changed."""

_IS_OPEN = trial.c.status.in_(["proposed", "running"])


@dataclass(frozen=True, slots=True)
class Terms:
    """What a trial may take: a `share` of the questions, at most so many that somebody had a say on, and days.

    `alpha` is the chance of luck that promoting its candidate may use.
    """

    alpha: float
    share: float
    most_questions: int
    most_days: int


@dataclass(frozen=True, slots=True)
class Trial:
    """A row of `trial`: what was seen at each of its `looks`, and how much of `alpha` they `spent`."""

    id: int
    incumbent_id: int
    candidate_id: int
    status: TrialStatus
    alpha: float
    spent: float
    share: float
    most_questions: int
    most_days: int
    looks: list[dict[str, Any]]
    proposed_at: datetime
    started_at: datetime | None
    started_by: str | None
    ended_at: datetime | None
    ended_by: str | None
    reason: str | None

    @property
    def is_open(self) -> bool:
        """Whether it runs, or may still begin."""
        return self.ended_at is None


_COLUMNS = [trial.c[field.name] for field in fields(Trial)]


def get_trial(engine: sa.Engine, trial_id: int) -> Trial:
    """One trial.

    Raises:
        UnknownIdError: there is none by that id.
    """
    with engine.connect() as connection:
        row = connection.execute(sa.select(*_COLUMNS).where(trial.c.id == trial_id)).one_or_none()
    if row is None:
        raise UnknownIdError(f"There is no trial {trial_id}; `nightshift trials list` shows them all.")
    return Trial(*row)


def list_trials(engine: sa.Engine) -> list[Trial]:
    """All trials there ever were, newest first."""
    with engine.connect() as connection:
        return [Trial(*row) for row in connection.execute(sa.select(*_COLUMNS).order_by(trial.c.id.desc()))]


def open_trial(engine: sa.Engine) -> Trial | None:
    """The one that runs, or that an admin is to begin; there is one at most."""
    with engine.connect() as connection:
        return find_open(connection)


def find_open(connection: sa.Connection) -> Trial | None:
    """The same within a transaction that holds the roles (`hold_roles`): so does whoever begins one or ends it."""
    row = connection.execute(sa.select(*_COLUMNS).where(_IS_OPEN)).one_or_none()
    return Trial(*row) if row is not None else None


def note_look(engine: sa.Engine, known: Trial, look: Mapping[str, Any], spent: float) -> bool:
    """Keeps what was seen, once: False where somebody looked, or ended it, since `known` was read."""
    noted = (
        trial.update()
        .where(trial.c.id == known.id, _IS_OPEN, sa.func.jsonb_array_length(trial.c.looks) == len(known.looks))
        .values(looks=trial.c.looks + sa.cast([dict(look)], JSONB), spent=spent)
    )
    with engine.begin() as connection:
        return connection.execute(noted).rowcount == 1


def close_trial(connection: sa.Connection, known: Trial, status: TrialStatus, by: str, reason: str) -> None:
    """Ends it, within a transaction that holds the roles; its candidate has none any more, nor a night to wait for it.

    A candidate that isn't promoted is refused; its vectors are left to who may drop them.
    """
    ended = {"status": status, "ended_at": sa.func.now(), "ended_by": by, "reason": reason}
    connection.execute(trial.update().where(trial.c.id == known.id).values(ended))
    leave_service(connection, "trial")
    if status == "promoted":
        return
    refused = generation.update().where(generation.c.id == known.candidate_id).values(status="refused")
    run_id = connection.execute(refused.returning(generation.c.run_id)).scalar_one()
    if run_id is not None:
        settle_run(connection, run_id, "refused", reason, was=("trial",))


def settle_late(engine: sa.Engine, run_id: int) -> None:
    """Of a run whose candidate went on trial: that the trial ended before the run did, should it have."""
    ended = (
        sa.select(*_COLUMNS)
        .join_from(trial, generation, generation.c.id == trial.c.candidate_id)
        .where(generation.c.run_id == run_id, trial.c.ended_at.is_not(None))
    )
    with engine.begin() as connection:
        row = connection.execute(ended).one_or_none()
        if row is not None:
            known = Trial(*row)
            decision: Decision = "promoted" if known.status == "promoted" else "refused"
            settle_run(connection, run_id, decision, *filter(None, [known.reason]), was=("trial",))


def leave_trial(
    connection: sa.Connection, by: str, *, serves: int, remark: str | None = None, forced: bool = False
) -> None:
    """Ends what is open, as another generation comes to serve: its candidate, or one that it wasn't compared with.

    A candidate that is `forced` was promoted by a person: its run, and so the ledger, doesn't say that it is better.
    """
    known = find_open(connection)
    if known is None:
        return
    if serves == known.candidate_id and forced:
        close_trial(connection, known, "stopped", by, "A person had its candidate serve before votes had decided.")
    elif serves == known.candidate_id:
        close_trial(connection, known, "promoted", by, remark or f"Generation {serves} serves.")
    else:
        what = f"The trial was stopped: generation {serves} came to serve, and it was compared with another."
        close_trial(connection, known, "stopped", by, what)
