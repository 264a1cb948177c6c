"""Each event is handled once, and never lost because a first try died."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from db.errors import DatabaseUnavailableError
from db.schema import slack_event
from db.slack.events import (
    DONE_FOR_S,
    LEFT_FOR_S,
    MAX_ATTEMPTS,
    STALE_AFTER_S,
    abandoned_events,
    claim_event,
    finish_event,
    lease_event,
    prune_events,
    release_event,
    renew_event,
)


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
    age_claims(engine, 90)
    assert not claim_event(engine, "Ev1")
    age_claims(engine, 31)
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
    from db.store import create_engine

    with pytest.raises(DatabaseUnavailableError):
        claim_event(create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", connect_timeout_s=1), "Ev1")


def event_ids(engine: sa.Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(sa.select(slack_event.c.event_id)))


def test_a_claim_that_is_renewed_never_goes_stale(engine: sa.Engine) -> None:
    attempt = lease_event(engine, "Ev1", payload={"a": 1})
    for _ in range(5):
        age_claims(engine, STALE_AFTER_S - 1)
        assert not claim_event(engine, "Ev1")
        assert renew_event(engine, "Ev1", attempt)
    age_claims(engine, STALE_AFTER_S - 1)
    assert abandoned_events(engine) == []
    age_claims(engine, 2)
    assert [event.event_id for event in abandoned_events(engine)] == ["Ev1"]


def test_who_lost_a_claim_can_do_nothing_to_its_successors(engine: sa.Engine) -> None:
    first = lease_event(engine, "Ev1", payload={"a": 1})
    age_claims(engine, STALE_AFTER_S + 1)
    second = lease_event(engine, "Ev1", payload={"a": 1})
    assert first and second and first != second
    assert not renew_event(engine, "Ev1", first)
    assert not release_event(engine, "Ev1", first)
    assert not finish_event(engine, "Ev1", first)
    assert not claim_event(engine, "Ev1")
    assert renew_event(engine, "Ev1", second)
    assert finish_event(engine, "Ev1", second)
    assert not renew_event(engine, "Ev1", second)


def test_what_is_abandoned_comes_whatever_it_looks_like(engine: sa.Engine) -> None:
    for number, payload in enumerate(({"a": 1}, None, "null", "[]")):
        claim_event(engine, f"Ev{number}", payload={} if isinstance(payload, str) else payload)
        if isinstance(payload, str):
            text = sa.text("UPDATE slack_event SET payload = CAST(:payload AS jsonb) WHERE event_id = :id")
            with engine.begin() as connection:
                connection.execute(text, {"payload": payload, "id": f"Ev{number}"})
    age_claims(engine, STALE_AFTER_S + 1)
    assert abandoned_events(engine) == [("Ev0", {"a": 1}), ("Ev2", None), ("Ev3", [])]


def test_what_is_done_is_forgotten_when_slack_can_not_send_it_again(engine: sa.Engine) -> None:
    for event_id in ("Ev1", "Ev2", "Ev3", "Ev4"):
        claim_event(engine, event_id, payload={"text": "words"})
    finish_event(engine, "Ev1")
    finish_event(engine, "Ev2")
    release_event(engine, "Ev3")
    set_times(engine, "Ev1", done_at=DONE_FOR_S + 60)
    set_times(engine, "Ev2", done_at=DONE_FOR_S - 60)
    assert prune_events(engine) == 1
    assert event_ids(engine) == {"Ev2", "Ev3", "Ev4"}
    assert not claim_event(engine, "Ev2")
    assert prune_events(engine) == 0


def test_what_nobody_ever_finished_is_forgotten_in_the_end(engine: sa.Engine) -> None:
    for event_id in ("Ev1", "Ev2"):
        claim_event(engine, event_id, payload={"text": "words"})
    set_times(engine, "Ev1", claimed_at=LEFT_FOR_S + 60)
    set_times(engine, "Ev2", claimed_at=LEFT_FOR_S - 60)
    prune_events(engine)
    assert event_ids(engine) == {"Ev2"}


def test_a_lasting_fact_is_kept(engine: sa.Engine) -> None:
    assert claim_event(engine, "share:1", lasting=True)
    finish_event(engine, "share:1")
    set_times(engine, "share:1", done_at=1_000 * DONE_FOR_S)
    assert prune_events(engine) == 0
    assert not claim_event(engine, "share:1", lasting=True)


def test_sweep_and_pruning_read_an_index(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO slack_event (event_id, done_at, lasting) SELECT n, now(), n % 2 = 0"
                " FROM generate_series(1, 20000) AS n"
            )
        )
        connection.execute(sa.text("ANALYZE slack_event"))
        seen = "EXPLAIN SELECT event_id FROM slack_event WHERE "
        open_ones = "done_at IS NULL AND claimed_at < clock_timestamp() - interval '2 min' AND payload IS NOT NULL"
        done_ones = "NOT lasting AND done_at < now() - interval '1 day'"
        for condition, index in ((open_ones, "ix_slack_event_open"), (done_ones, "ix_slack_event_done")):
            assert index in " ".join(connection.scalars(sa.text(seen + condition)))


def set_times(engine: sa.Engine, event_id: str, **seconds_ago: int) -> None:
    ago = {name: sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, n) for name, n in seconds_ago.items()}
    with engine.begin() as connection:
        connection.execute(sa.update(slack_event).where(slack_event.c.event_id == event_id).values(ago))
