"""How much was asked lately, counted over all processes from what is stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from db.schema import question

HOUR_S = 3600.0

_HOUR = sa.text("interval '1 hour'")


class RecentQuestion(NamedTuple):
    """A question of the last hour: the event that asked it, and the seconds until it is an hour old."""

    event_id: str | None
    left_s: float


def asked_by(engine: sa.Engine, workspace: str, person: str, newest: int) -> list[RecentQuestion]:
    """The newest questions that a person asked within an hour, from the latest on."""
    return _asked(engine, (question.c.workspace == workspace, question.c.person == person), newest)


def asked_in(engine: sa.Engine, workspace: str, channel: str, newest: int) -> list[RecentQuestion]:
    """The same of all that was asked in a channel."""
    return _asked(engine, (question.c.workspace == workspace, question.c.channel == channel), newest)


def waits_s(asked: Sequence[RecentQuestion], an_hour: int, under_way: Collection[str], asking: str) -> float:
    """Seconds until fewer than `an_hour` questions were asked within an hour; 0 where they are now.

    Those `under_way`, by their events, count as asked this moment, stored or not. The one that is `asking` doesn't
    count: where its answer was stored and never shown, it is there already. Of `asked` one more than `an_hour` is
    enough.
    """
    left = an_hour - len(under_way)
    if left <= 0:
        return HOUR_S
    others = [each for each in asked if each.event_id is None or each.event_id not in {*under_way, asking}]
    # The quota is free again once the question that filled it, counted back from the latest, is an hour old.
    return others[left - 1].left_s if len(others) >= left else 0


def _asked(engine: sa.Engine, whose: Sequence[sa.ColumnElement[bool]], newest: int) -> list[RecentQuestion]:
    free_at = question.c.asked_at + _HOUR
    wanted = (
        sa.select(question.c.event_id, sa.cast(sa.extract("epoch", free_at - sa.func.now()), sa.Float))
        .where(*whose, free_at > sa.func.now())
        .order_by(question.c.asked_at.desc())
        .limit(newest)
    )
    with engine.connect() as connection:
        return [RecentQuestion(*row) for row in connection.execute(wanted)]
