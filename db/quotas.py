"""How much was asked lately, counted over all processes from what is stored."""

from __future__ import annotations

import sqlalchemy as sa

from db.engine import plain_errors
from db.schema import question

_HOUR = sa.text("interval '1 hour'")


def person_waits_s(engine: sa.Engine, workspace: str, person: str, an_hour: int) -> float:
    """Seconds until a person has asked fewer than `an_hour` questions within an hour; 0 where they have now."""
    return _waits_s(engine, an_hour, question.c.workspace == workspace, question.c.person == person)


def channel_waits_s(engine: sa.Engine, workspace: str, channel: str, an_hour: int) -> float:
    """The same for all that is asked in a channel."""
    return _waits_s(engine, an_hour, question.c.workspace == workspace, question.c.channel == channel)


def _waits_s(engine: sa.Engine, an_hour: int, *whose: sa.ColumnElement[bool]) -> float:
    # The quota is free again once the question that filled it, counted back from the latest, is an hour old.
    free_at = question.c.asked_at + _HOUR
    wanted = (
        sa.select(sa.extract("epoch", free_at - sa.func.now()))
        .where(*whose, free_at > sa.func.now())
        .order_by(question.c.asked_at.desc())
        .offset(an_hour - 1)
        .limit(1)
    )
    with plain_errors(), engine.connect() as connection:
        return float(connection.scalar(wanted) or 0)
