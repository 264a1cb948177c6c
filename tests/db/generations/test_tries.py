"""The tries that a year's chance of luck went to."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from db.generations import tries_since_promotion
from db.nights import Run
from db.schema import generation
from tests.corpus import add_base_generation
from tests.night_rows import make_run, store_run

TRIED = {"tried": {"alpha": 0.02, "gains": {"pair 1": 0.5}}}


def ids(engine: sa.Engine, apart_from: int | None = None) -> list[int]:
    return [own.run_id for own in tries_since_promotion(engine, apart_from)]


def test_runs_that_held_a_candidate_against_what_served_are_tries(engine: sa.Engine) -> None:
    first = store_run(engine, make_run(decision="refused", evidence=TRIED))
    store_run(engine, make_run(decision="refused", evidence=None))
    store_run(engine, make_run(decision="refused", evidence={"learnt_from": 12}))
    second = store_run(engine, make_run(decision="refused", evidence=TRIED))
    assert ids(engine) == [first.id, second.id]
    assert ids(engine, second.id) == [first.id]
    [own, _] = tries_since_promotion(engine)
    assert (own.alpha, own.gains, own.at) == (0.02, {"pair 1": 0.5}, first.started_at)


def test_a_promotion_begins_anew_unless_people_took_it_back(engine: sa.Engine) -> None:
    base = add_base_generation(engine)
    refused = store_run(engine, make_run(decision="refused", evidence=TRIED))
    promoted = store_run(engine, make_run(decision="promoted", evidence=TRIED))
    later = store_run(engine, make_run(decision="refused", evidence=TRIED))
    assert ids(engine) == [later.id]
    with engine.begin() as connection:
        connection.execute(
            generation.update()
            .where(generation.c.id == base.id)
            .values(
                run_id=promoted.id, turned_down_at=sa.func.now(), turned_down_by="ada", turned_down_how="rolled back"
            )
        )
    assert ids(engine) == [refused.id, promoted.id, later.id]


def test_one_that_waits_for_a_person_begins_anew_too(engine: sa.Engine) -> None:
    store_run(engine, make_run(decision="refused", evidence=TRIED))
    store_run(engine, make_run(decision="pending", evidence=TRIED))
    assert ids(engine) == []


def ended(engine: sa.Engine, day: int, decision: str = "refused") -> Run:
    """A try that ended on that day of March."""
    at = datetime(2026, 3, day, 2, tzinfo=UTC)
    return store_run(engine, make_run(decision=decision, evidence=TRIED, started_at=at, finished_at=at))


def test_a_night_that_overtook_a_ranking_run_is_a_try_before_it(engine: sa.Engine) -> None:
    ranking = store_run(engine, make_run(status="running", decision=None, evidence=None, finished_at=None))
    night = ended(engine, 6)
    assert ids(engine, ranking.id) == [night.id]


def test_what_ended_after_a_promotion_is_a_try_whatever_its_number(engine: sa.Engine) -> None:
    ended(engine, 5)
    overtaken, _ = ended(engine, 7), ended(engine, 6, "promoted")
    assert ids(engine) == [overtaken.id]
    ended(engine, 8, "promoted")
    assert ids(engine) == []


def test_a_clock_that_was_ahead_at_the_promotion_hides_no_try(engine: sa.Engine) -> None:
    ended(engine, 30, "promoted")
    later = ended(engine, 5)
    assert ids(engine) == [later.id]


def test_a_run_that_could_not_be_carried_through_is_none(engine: sa.Engine) -> None:
    store_run(engine, make_run(status="failed", decision=None, evidence=None))
    assert ids(engine) == []
