"""Which reasons for a 👎 somebody has yet to hear of."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from db.feedback.said import GivenReason
from db.schema import vote_reason
from db.store import STALE_AFTER_S

LEFT_AFTER_S = 2.0 * STALE_AFTER_S
"""Seconds after which nobody is at it any more: whoever stored the reason died, and what they had claimed is stale."""

GIVEN_UP_AFTER_S = 86_400.0
"""Seconds after which nobody is told any more."""


def left_reasons(engine: sa.Engine, concerning: Collection[str]) -> list[GivenReason]:
    """Reasons of these kinds that were stored a while ago, but no longer than a day, and not passed on.

    Raises:
        DatabaseUnavailableError: it can't be told.
    """
    age = sa.extract("epoch", sa.func.now() - vote_reason.c.given_at)
    wanted = sa.select(vote_reason.c.person, vote_reason.c.citation_id, vote_reason.c.reason).where(
        vote_reason.c.passed_on_at.is_(None),
        vote_reason.c.reason.in_(concerning),
        age.between(LEFT_AFTER_S, GIVEN_UP_AFTER_S),
    )
    with engine.connect() as connection:
        return [GivenReason(*row) for row in connection.execute(wanted.order_by(vote_reason.c.given_at))]


def note_passed_on(engine: sa.Engine, given: GivenReason) -> None:
    """Notes that whom a reason concerns has heard of it, unless the person gave another one meanwhile."""
    theirs = [vote_reason.c[name] == value for name, value in given._asdict().items()]
    with engine.begin() as connection:
        connection.execute(sa.update(vote_reason).where(*theirs).values(passed_on_at=sa.func.now()))
