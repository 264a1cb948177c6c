"""Slack may deliver an event four times, even at once: it is claimed here, again only if its owner died.

Whoever has a claim renews it for as long as the work takes (`db.store.queue`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from db.schema import slack_event
from db.store import STALE_AFTER_S, Queue, ago

MAX_ATTEMPTS = 4
"""How often one event may be claimed: as often as Slack sends it."""

DONE_FOR_S = 86_400
"""Seconds that an event is known as done: Slack's last retry comes within six minutes, an hour in the worst case."""

LEFT_FOR_S = 7 * 86_400
"""Seconds after which a claim that nobody ever finished is forgotten."""

_PRUNE_AT_ONCE = 10_000
_RELEASED = sa.text("clock_timestamp() - interval '1 hour'")

_EVENTS = Queue(slack_event, slack_event.c.done_at.is_(None), spent=slack_event.c.attempts >= MAX_ATTEMPTS)


class AbandonedEvent(NamedTuple):
    """An event whose owner died, with what was kept to do it again: JSON of this release, an older or a newer one."""

    event_id: str
    payload: Any


def nameless_key(kind: str, *about: str) -> str:
    """An event id for what concerns a person: of a digest, so that nothing of them outlives their erasure here."""
    return f"{kind}:{hashlib.sha256(':'.join(about).encode()).hexdigest()[:32]}"


def lease_event(
    engine: sa.Engine,
    event_id: str,
    stale_after_s: float = STALE_AFTER_S,
    payload: Mapping[str, Any] | None = None,
    *,
    lasting: bool = False,
) -> int:
    """Takes an event for this caller; the number of its claim, or 0 where another has it, or where it is done.

    A claim that was neither finished nor renewed for `stale_after_s` seconds is handed out again, at most
    `MAX_ATTEMPTS` times in all. Of any number of concurrent callers exactly one gets it. With a `payload` (JSON),
    `abandoned_events` gives it out again should this caller die: Slack, which has its acknowledgement, will not. What
    is `lasting` is never forgotten: it is a fact of its own, and not only the end of an event.

    Raises:
        DatabaseUnavailableError: nothing is claimed.
    """
    row = {
        "event_id": event_id,
        "payload": sa.null() if payload is None else sa.literal(dict(payload), JSONB),
        "lasting": lasting,
    }
    with engine.begin() as connection:
        claimed = _EVENTS.claim(connection, insert(slack_event).values(row), "payload", stale_after_s=stale_after_s)
    return claimed[0].attempts if claimed else 0


def claim_event(engine: sa.Engine, event_id: str, stale_after_s: float = STALE_AFTER_S, **kept: Any) -> bool:  # noqa: ANN401
    """Whether the event is this caller's: for what is done in a moment, so that no claim has to be renewed.

    See `lease_event` for all else.
    """
    return lease_event(engine, event_id, stale_after_s, **kept) > 0


def renew_event(engine: sa.Engine, event_id: str, attempt: int) -> bool:
    """Says that a claim's owner is alive; False where the claim is somebody else's by now, or done.

    Raises:
        DatabaseUnavailableError: it can't be told.
    """
    with engine.begin() as connection:
        return _EVENTS.renew(connection, event_id, attempt)


def finish_event(engine: sa.Engine, event_id: str, attempt: int | None = None) -> bool:
    """Marks an event as handled: nobody gets it again. False where the claim of that number was lost before."""
    return _change(engine, event_id, attempt, done_at=sa.func.clock_timestamp(), payload=sa.null())


def release_event(engine: sa.Engine, event_id: str, attempt: int | None = None) -> bool:
    """Gives a claim back after a failure that the person was told of; Slack's next delivery, if any, is taken at once.

    The attempt stays counted. False where the claim of that number was lost before.
    """
    return _change(engine, event_id, attempt, claimed_at=_RELEASED, payload=sa.null())


def abandoned_events(engine: sa.Engine, stale_after_s: float = STALE_AFTER_S) -> list[AbandonedEvent]:
    """Stale claims with what was kept to do them again: whoever had them died before the person heard anything.

    Raises:
        DatabaseUnavailableError: it can't be told.
    """
    wanted = sa.select(slack_event.c.event_id, slack_event.c.payload).where(
        _EVENTS.is_stale(stale_after_s), ~_EVENTS.spent, slack_event.c.payload.is_not(None)
    )
    with engine.connect() as connection:
        return [AbandonedEvent(*row) for row in connection.execute(wanted.order_by(slack_event.c.claimed_at))]


def count_abandoned(engine: sa.Engine, stale_after_s: float = STALE_AFTER_S) -> tuple[int, int]:
    """Whom nobody answered yet: how many events a running bot takes up again, and how many were given up for good.

    Raises:
        DatabaseUnavailableError: it can't be told.
    """
    counts = sa.select(sa.func.count().filter(~_EVENTS.spent), sa.func.count().filter(_EVENTS.spent)).where(
        _EVENTS.is_stale(stale_after_s),
        slack_event.c.payload.is_not(None),  # nothing is kept of those who were told that it failed
    )
    with engine.connect() as connection:
        waiting, lost = connection.execute(counts).one()
    return waiting, lost


def prune_events(engine: sa.Engine) -> int:
    """Forgets what was done, and what nobody ever finished, long ago; how many of them, at most 10,000 at once."""
    old = sa.or_(
        slack_event.c.done_at < ago(DONE_FOR_S),
        _EVENTS.is_stale(LEFT_FOR_S),
    )
    forgotten = (
        sa.select(slack_event.c.event_id)
        .where(~slack_event.c.lasting, old)
        .limit(_PRUNE_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    pruned = sa.delete(slack_event).where(slack_event.c.event_id.in_(forgotten))
    with engine.begin() as connection:
        return connection.execute(pruned).rowcount


def _change(engine: sa.Engine, event_id: str, attempt: int | None, **values: object) -> bool:
    with engine.begin() as connection:
        return _EVENTS.change(connection, event_id, attempt, **values) is not None
