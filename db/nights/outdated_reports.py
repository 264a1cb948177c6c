"""Nights whose kept report says what no longer holds, since something was erased."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from db.schema import retrain_run


@contextmanager
def take_outdated_report(engine: sa.Engine) -> Iterator[int | None]:
    """Lends the run of such a report, or None; with the block's end the report counts as made anew.

    If the block raises it does not, and the run is lent again. What is erased meanwhile waits for the block's end, and
    marks the report once more.

    Raises:
        DatabaseUnavailableError: it can't be known.
    """
    run = retrain_run.c
    outdated = sa.select(run.id).where(run.report_outdated).order_by(run.id).limit(1)
    found = outdated.with_for_update(skip_locked=True).scalar_subquery()
    update = retrain_run.update().where(run.id == found).values(report_outdated=sa.false())
    with engine.begin() as connection:
        yield connection.scalar(update.returning(run.id))
