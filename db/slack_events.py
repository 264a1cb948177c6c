"""Slack may deliver an event four times, even at once: it is claimed here, again only if its owner died."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.engine import plain_errors
from db.schema import slack_event

MAX_ATTEMPTS = 4
"""How often one event may be claimed: as often as Slack sends it."""


def claim_event(engine: sa.Engine, event_id: str, stale_after_s: float = 120) -> bool:
    """Takes an event for this caller; False where another has it, or where it is done.

    A claim older than `stale_after_s` seconds that was never finished belongs to somebody who died, and is handed
    out again, at most `MAX_ATTEMPTS` times in all. Of any number of concurrent callers exactly one gets it.

    Raises:
        DatabaseUnavailableError: nothing is claimed.
    """
    now = sa.func.clock_timestamp()
    claim = (
        insert(slack_event)
        .values(event_id=event_id, claimed_at=now)
        .on_conflict_do_update(
            index_elements=[slack_event.c.event_id],
            set_={"claimed_at": now, "attempts": slack_event.c.attempts + 1},
            where=sa.and_(
                slack_event.c.done_at.is_(None),
                slack_event.c.claimed_at < now - sa.func.make_interval(0, 0, 0, 0, 0, 0, stale_after_s),
                slack_event.c.attempts < MAX_ATTEMPTS,
            ),
        )
        .returning(slack_event.c.event_id)
    )
    with plain_errors(), engine.begin() as connection:
        return connection.execute(claim).first() is not None


def finish_event(engine: sa.Engine, event_id: str) -> None:
    """Marks an event as handled: nobody gets it again."""
    done = sa.update(slack_event).where(slack_event.c.event_id == event_id).values(done_at=sa.func.clock_timestamp())
    with plain_errors(), engine.begin() as connection:
        connection.execute(done)


def release_event(engine: sa.Engine, event_id: str) -> None:
    """Gives a claim back after a failure, so that Slack's next delivery is taken at once; the attempt stays counted."""
    released = (
        sa.update(slack_event)
        .where(slack_event.c.event_id == event_id, slack_event.c.done_at.is_(None))
        .values(claimed_at=sa.text("'-infinity'"))
    )
    with plain_errors(), engine.begin() as connection:
        connection.execute(released)
