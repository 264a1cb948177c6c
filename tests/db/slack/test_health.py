"""Health: the figures are those of the last days, and say nothing where there is nothing."""

from __future__ import annotations

import time
from decimal import Decimal

import sqlalchemy as sa

from db import schema
from db.feedback import VoteEvent, record_vote
from db.generations import end_trial
from db.question import Asked
from db.slack.health import read_health
from db.store import count_failure
from tests.corpus import add_answer, add_base_generation, encoders
from tests.night_rows import make_ranking_run, make_run, store_run
from tests.synthetic import make_sharing
from tests.trial_rows import begin


def test_a_fresh_store_is_healthy_and_empty(engine: sa.Engine) -> None:
    base = add_base_generation(engine)
    health = read_health(engine)
    assert (health.generation_id, health.can_roll_back, health.last_night, health.up_share) == (
        base.id,
        False,
        None,
        None,
    )
    assert (health.documents, health.questions, health.votes, health.failures) == (0, 0, 0, {})


def test_what_is_long_past_isn_t_counted(engine: sa.Engine) -> None:
    answer, old = (add_answer(engine, 3, Asked("Where?", "T1", name, "public", "T1:U1")) for name in ("C1", "C2"))
    votes = [(answer, 0, 1, time.time()), (answer, 1, 1, time.time()), (answer, 2, -1, time.time()), (old, 0, -1, 1.0)]
    for given, source, value, at in votes:
        citation_id = given.sources[source].citation_id
        event = (f"{citation_id}", "T1", "T1:U1", given.question_id, citation_id, "press", value, Decimal(str(at)))
        record_vote(engine, VoteEvent(*event))  # type: ignore[arg-type]
    count_failure(engine, "ratelimited")
    with engine.begin() as connection:
        is_old = schema.question.c.id == old.question_id
        connection.execute(
            sa.update(schema.question).where(is_old).values(asked_at=sa.text("now() - interval '8 days'"))
        )
        connection.execute(sa.insert(schema.failure_count).values(day=sa.text("current_date - 8"), kind="old", count=9))
    night = store_run(engine, make_run(decision="refused"))
    store_run(engine, make_run(status="running", finished_at=None, decision=None))

    health = read_health(engine)

    assert (health.questions, health.unknown, health.votes) == (1, 0, 3)
    assert health.up_share is not None and abs(health.up_share - 2 / 3) < 1e-9
    assert health.failures == {"ratelimited": 1}
    assert health.last_night == night
    assert (health.documents, health.chunks) == (6, 6)


def test_a_night_is_the_last_night_however_many_rankings_were_fitted_since(engine: sa.Engine) -> None:
    add_base_generation(engine)
    night = store_run(engine, make_run())
    rankings = [store_run(engine, make_ranking_run()) for _ in range(12)]
    health = read_health(engine)
    assert (health.last_night, health.last_ranking) == (night, rankings[-1])


def test_a_trial_is_told_of_while_it_is_open(engine: sa.Engine) -> None:
    base = add_base_generation(engine)
    assert read_health(engine).trial == ()
    known = begin(engine, make_sharing(engine, base), encoders().get(base))
    told = read_health(engine).trial
    assert told[0] == f"Trial {known.id}, of generation {known.candidate_id} against generation {base.id}, goes on."
    end_trial(engine, known, "stopped", by="ann", reason="Enough.")
    assert read_health(engine).trial == ()
