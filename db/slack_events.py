"""Slack may deliver an event four times, even at once: it is claimed here, again only if its owner died."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from db.engine import plain_errors
from db.schema import slack_event

MAX_ATTEMPTS = 4
"""How often one event may be claimed: as often as Slack sends it."""


STALE_AFTER_S = 120
"""Seconds after which a claim that wasn't finished belongs to somebody who died: more than any answer may take."""


def nameless_key(kind: str, *about: str) -> str:
    """An event id for what concerns a person: of a digest, so that nothing of them outlives their erasure here."""
    return f"{kind}:{hashlib.sha256(':'.join(about).encode()).hexdigest()[:32]}"


def claim_event(
    engine: sa.Engine, event_id: str, stale_after_s: float = STALE_AFTER_S, payload: Mapping[str, Any] | None = None
) -> bool:
    """Takes an event for this caller; False where another has it, or where it is done.

    A claim older than `stale_after_s` seconds that was never finished belongs to somebody who died, and is handed
    out again, at most `MAX_ATTEMPTS` times in all. Of any number of concurrent callers exactly one gets it. With a
    `payload` (JSON), `abandoned_events` gives it out again should this caller die: Slack, which has its
    acknowledgement, will not.

    Raises:
        DatabaseUnavailableError: nothing is claimed.
    """
    now = sa.func.clock_timestamp()
    payload_given = sa.null() if payload is None else sa.literal(dict(payload), JSONB)
    claim = (
        insert(slack_event)
        .values(event_id=event_id, claimed_at=now, payload=payload_given)
        .on_conflict_do_update(
            index_elements=[slack_event.c.event_id],
            set_={"claimed_at": now, "attempts": slack_event.c.attempts + 1, "payload": payload_given},
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
    done = (
        sa.update(slack_event)
        .where(slack_event.c.event_id == event_id)
        .values(done_at=sa.func.clock_timestamp(), payload=sa.null())
    )
    with plain_errors(), engine.begin() as connection:
        connection.execute(done)


def release_event(engine: sa.Engine, event_id: str) -> None:
    """Gives a claim back after a failure that the person was told of; Slack's next delivery, if any, is taken at once.

    The attempt stays counted.
    """
    released = (
        sa.update(slack_event)
        .where(slack_event.c.event_id == event_id, slack_event.c.done_at.is_(None))
        .values(claimed_at=sa.text("'-infinity'"), payload=sa.null())
    )
    with plain_errors(), engine.begin() as connection:
        connection.execute(released)


def abandoned_events(engine: sa.Engine, stale_after_s: float = STALE_AFTER_S) -> list[dict[str, Any]]:
    """The payloads of stale claims: whoever had them died before the person heard anything.

    Raises:
        DatabaseUnavailableError: it can't be told.
    """
    age = sa.func.clock_timestamp() - slack_event.c.claimed_at
    wanted = sa.select(slack_event.c.payload).where(
        slack_event.c.done_at.is_(None),
        slack_event.c.payload.is_not(None),
        slack_event.c.attempts < MAX_ATTEMPTS,
        age > sa.func.make_interval(0, 0, 0, 0, 0, 0, stale_after_s),
    )
    with plain_errors(), engine.connect() as connection:
        return list(connection.scalars(wanted.order_by(slack_event.c.claimed_at)))
