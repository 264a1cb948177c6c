"""How much was asked lately, counted over all processes from what is stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from db.engine import plain_errors
from db.schema import question

_HOUR = sa.text("interval '1 hour'")
_HOUR_S = 3600.0


def person_waits_s(
    engine: sa.Engine,
    workspace: str,
    person: str,
    an_hour: int,
    under_way: Collection[str] = (),
    asking: str | None = None,
) -> float:
    """Seconds until a person has asked fewer than `an_hour` questions within an hour; 0 where they have now.

    Those `under_way`, by their events, count as asked this moment, stored or not. The one that is `asking` doesn't
    count: where its answer was stored and never shown, it is there already.
    """
    whose = question.c.workspace == workspace, question.c.person == person
    return _waits_s(engine, whose, an_hour, under_way, asking)


def channel_waits_s(
    engine: sa.Engine,
    workspace: str,
    channel: str,
    an_hour: int,
    under_way: Collection[str] = (),
    asking: str | None = None,
) -> float:
    """The same for all that is asked in a channel."""
    whose = question.c.workspace == workspace, question.c.channel == channel
    return _waits_s(engine, whose, an_hour, under_way, asking)


def _waits_s(
    engine: sa.Engine,
    whose: Sequence[sa.ColumnElement[bool]],
    an_hour: int,
    under_way: Collection[str],
    asking: str | None,
) -> float:
    left = an_hour - len(under_way)
    if left <= 0:
        return _HOUR_S
    # The quota is free again once the question that filled it, counted back from the latest, is an hour old.
    free_at = question.c.asked_at + _HOUR
    known = [*under_way, *([asking] if asking is not None else [])]
    others = sa.or_(question.c.event_id.is_(None), question.c.event_id.not_in(known))
    wanted = (
        sa.select(sa.extract("epoch", free_at - sa.func.now()))
        .where(*whose, others, free_at > sa.func.now())
        .order_by(question.c.asked_at.desc())
        .offset(left - 1)
        .limit(1)
    )
    with plain_errors(), engine.connect() as connection:
        return float(connection.scalar(wanted) or 0)
