"""Failures that people met, counted by day and kind: admins see what goes wrong, and how often."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.schema import failure_count

_TODAY = sa.cast(sa.func.timezone("UTC", sa.func.now()), sa.Date)


def count_failure(engine: sa.Engine, kind: str) -> None:
    """Counts one failure; `kind` is Slack's own code or the kind of error, never a text.

    Raises:
        DatabaseUnavailableError: it isn't counted.
    """
    counted = insert(failure_count).values(day=_TODAY, kind=kind, count=1)
    counted = counted.on_conflict_do_update(
        index_elements=[failure_count.c.day, failure_count.c.kind], set_={"count": failure_count.c.count + 1}
    )
    with engine.begin() as connection:
        connection.execute(counted)


def failure_counts(engine: sa.Engine, days: int = 7) -> dict[str, int]:
    """How often each kind occurred in the last `days` days, today among them, the commonest first.

    Raises:
        DatabaseUnavailableError: it can't be told.
    """
    total = sa.func.sum(failure_count.c.count)
    wanted = (
        sa.select(failure_count.c.kind, total)
        .where(failure_count.c.day > _TODAY - days)
        .group_by(failure_count.c.kind)
        .order_by(total.desc(), failure_count.c.kind)
    )
    with engine.connect() as connection:
        return {kind: int(count) for kind, count in connection.execute(wanted)}
