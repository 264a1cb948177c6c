"""Each event is handled once, and never lost because a first try died."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from db.errors import DatabaseUnavailableError
from db.schema import slack_event
from db.slack_events import MAX_ATTEMPTS, claim_event, finish_event, release_event


def age_claims(engine: sa.Engine, seconds: int) -> None:
    """Pretends that the claims were made that long ago."""
    earlier = slack_event.c.claimed_at - sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    with engine.begin() as connection:
        connection.execute(sa.update(slack_event).values(claimed_at=earlier))


def claims_at_once(engine: sa.Engine, event_id: str, n: int) -> int:
    with ThreadPoolExecutor(n) as pool:
        return sum(pool.map(lambda _: claim_event(engine, event_id), range(n)))


def test_of_many_deliveries_at_once_one_is_taken(engine: sa.Engine) -> None:
    assert [claims_at_once(engine, f"Ev{number}", 8) for number in range(5)] == [1] * 5


def test_a_claim_that_went_stale_is_taken_again_by_one(engine: sa.Engine) -> None:
    assert claim_event(engine, "Ev1")
    age_claims(engine, 119)
    assert not claim_event(engine, "Ev1")
    age_claims(engine, 2)
    assert claims_at_once(engine, "Ev1", 8) == 1


def test_what_is_done_is_never_taken_again(engine: sa.Engine) -> None:
    claim_event(engine, "Ev1")
    finish_event(engine, "Ev1")
    release_event(engine, "Ev1")
    age_claims(engine, 10_000)
    assert not claim_event(engine, "Ev1")


def test_after_a_failure_the_next_delivery_is_taken_at_once(engine: sa.Engine) -> None:
    claim_event(engine, "Ev1")
    release_event(engine, "Ev1")
    assert claim_event(engine, "Ev1")
    assert not claim_event(engine, "Ev1")


def test_an_event_that_kills_whoever_takes_it_is_given_up(engine: sa.Engine) -> None:
    taken = 0
    for _ in range(MAX_ATTEMPTS + 3):
        taken += claim_event(engine, "Ev1")
        age_claims(engine, 10_000)
    assert taken == MAX_ATTEMPTS


def test_without_a_database_nothing_is_claimed() -> None:
    from db.engine import create_engine

    with pytest.raises(DatabaseUnavailableError):
        claim_event(create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", connect_timeout_s=1), "Ev1")
