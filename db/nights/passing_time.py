"""Time that passes for nights alone: whoever lives through months within minutes moves what runs did into the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.schema import retrain_run

if TYPE_CHECKING:
    from datetime import timedelta

_MOMENTS = ("requested_at", "started_at", "beat_at", "finished_at")


def pass_time(engine: sa.Engine, by: timedelta) -> None:
    """Makes all that runs did so much longer ago: for simulations, where a year's ledger is to be a year's.

    Of a run that is under way the lease would seem silent: to be called between runs.
    """
    earlier = {name: retrain_run.c[name] - by for name in _MOMENTS}
    with engine.begin() as connection:
        connection.execute(sa.update(retrain_run).values(earlier))
