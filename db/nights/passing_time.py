"""Time that passes for nights alone: whoever lives through months within minutes moves what runs did into the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.schema import retrain_run, trial

if TYPE_CHECKING:
    from datetime import timedelta

_MOMENTS = ("requested_at", "started_at", "beat_at", "finished_at")
_MOMENTS_OF_TRIALS = ("proposed_at", "started_at", "ended_at")


def pass_time(engine: sa.Engine, by: timedelta) -> None:
    """Makes all that runs and trials did so much longer ago: for simulations, where a year's ledger is to be a year's.

    Of a run that is under way the lease would seem silent: to be called between runs.
    """
    with engine.begin() as connection:
        for table, moments in ((retrain_run, _MOMENTS), (trial, _MOMENTS_OF_TRIALS)):
            connection.execute(sa.update(table).values({name: table.c[name] - by for name in moments}))
