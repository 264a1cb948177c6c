"""The tries at promoting something, as runs kept them: what a year's chance of luck went to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from db.schema import generation, retrain_run, trial


@dataclass(frozen=True, slots=True)
class KeptTry:
    """A run that held a candidate against what served: when it began, and what it kept of that.

    `alpha` is the chance of luck that it was allowed, `gains` what each question added, by the question's name.
    """

    run_id: int
    at: datetime
    alpha: float
    gains: Mapping[str, float]


def tries_since_promotion(engine: sa.Engine, run_id: int | None = None) -> list[KeptTry]:
    """Those of all runs that ended, but for run `run_id`; oldest first.

    They begin after the last run whose candidate was found better, and still stands: what a person rolled back or
    rejected doesn't stand, so it is one of the tries. A night goes before a ranking run that was asked for earlier, so
    what ended after that last run is a try, whatever its number. A trial is one more try of its candidate's run: what
    it may use while it goes on, and what its looks used afterwards; all of it where somebody stopped it after a look,
    or whoever stops those that look bad would get their chance of luck twice.
    """
    run = retrain_run.c
    taken_back = sa.exists().where(generation.c.run_id == run.id, generation.c.turned_down_at.is_not(None))
    stands = sa.and_(run.decision.in_(["promoted", "pending"]), ~taken_back)
    other = sa.and_(run.finished_at.is_not(None), sa.true() if run_id is None else run.id != run_id)
    better = sa.select(run.id, run.finished_at).where(other, stands).order_by(run.id.desc()).limit(1).cte("better")
    after = (run.id > better.c.id) | (run.finished_at > better.c.finished_at)
    kept = run.evidence["tried"]
    query = (
        sa.select(run.id, run.started_at, kept)
        .join_from(retrain_run, better, sa.true(), isouter=True)
        .where(other, sa.not_(sa.func.coalesce(stands, sa.false())), kept.is_not(None))
        .where(better.c.id.is_(None) | after)
        .order_by(run.id)
    )
    looked = sa.func.jsonb_array_length(trial.c.looks) > 0
    is_whole = trial.c.ended_at.is_(None) | ((trial.c.status == "stopped") & looked)
    used = sa.case((is_whole, trial.c.alpha), else_=trial.c.spent)
    trials = (
        sa.select(generation.c.run_id, trial.c.started_at, used)
        .join_from(trial, generation, generation.c.id == trial.c.candidate_id)
        .join(better, sa.true(), isouter=True)
        .where(trial.c.started_at.is_not(None), better.c.id.is_(None) | (generation.c.run_id > better.c.id))
    )
    with engine.connect() as connection:
        tries = [
            KeptTry(own, at, tried["alpha"], tried["gains"]) for own, at, tried in connection.execute(query) if tried
        ]
        tries += [KeptTry(own, at, alpha, {}) for own, at, alpha in connection.execute(trials) if alpha]
    return sorted(tries, key=lambda own: (own.run_id, own.at))
