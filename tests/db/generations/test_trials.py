"""Trials as rows: one is open at most, each look is kept once, and an end leaves nothing on trial."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import UnknownIdError
from db.generations import (
    Generation,
    Trial,
    TrialStatus,
    generations_by_role,
    get_generation,
    get_trial,
    list_trials,
    note_look,
    open_trial,
)
from db.generations.roles import hold_roles
from db.generations.trials import close_trial, find_open, leave_trial
from db.nights import get_run
from tests.synthetic import HashingEncoder, make_generation
from tests.trial_rows import LOOK, TERMS, begin, night_with_trial


@pytest.fixture
def run_id(engine: sa.Engine, base: Generation) -> int:
    return night_with_trial(engine).id


@pytest.fixture
def tried(engine: sa.Engine, candidate: Generation, run_id: int) -> Trial:
    """A trial that goes on, of what that run made."""
    with engine.begin() as connection:
        own = schema.generation.c.id == candidate.id
        connection.execute(schema.generation.update().where(own).values(run_id=run_id))
    return begin(engine, get_generation(engine, candidate.id), HashingEncoder())


def close(engine: sa.Engine, known: Trial, status: TrialStatus, reason: str = "So it is.") -> None:
    with engine.begin() as connection:
        hold_roles(connection)
        close_trial(connection, known, status, "ann", reason)


def leave(engine: sa.Engine, **options: Any) -> None:
    with engine.begin() as connection:
        hold_roles(connection)
        leave_trial(connection, "ann", **options)


def test_what_a_trial_says_of_itself(engine: sa.Engine, base: Generation, tried: Trial) -> None:
    assert (tried.incumbent_id, tried.status, tried.is_open) == (base.id, "running", True)
    assert (tried.alpha, tried.share, tried.most_questions, tried.most_days) == (0.02, 1.0, 100, 14)
    assert (tried.spent, tried.looks, tried.started_by, tried.ended_at, tried.reason) == (0, [], "run 1", None, None)
    assert tried.started_at is not None and tried.started_at >= tried.proposed_at
    assert open_trial(engine) == get_trial(engine, tried.id) == tried
    with pytest.raises(UnknownIdError, match="no trial 77"):
        get_trial(engine, 77)


def test_all_there_ever_were_are_listed_newest_first(engine: sa.Engine, candidate: Generation) -> None:
    assert (list_trials(engine), open_trial(engine)) == ([], None)
    first = begin(engine, candidate, HashingEncoder())
    close(engine, first, "dropped")
    second = begin(engine, make_generation(engine), HashingEncoder())
    assert [own.id for own in list_trials(engine)] == [second.id, first.id]
    assert open_trial(engine) == second


def test_two_are_never_open_whoever_adds_one(engine: sa.Engine, base: Generation, tried: Trial) -> None:
    row = {"incumbent_id": base.id, "candidate_id": base.id, "status": "proposed", "alpha": 0.01, "share": 1}
    with pytest.raises(sa.exc.IntegrityError, match="uq_trial_open"), engine.begin() as connection:
        connection.execute(schema.trial.insert().values(row | {"most_questions": 9, "most_days": 9}))


def test_a_look_is_kept_once_by_whoever_is_first(engine: sa.Engine, tried: Trial) -> None:
    with ThreadPoolExecutor(4) as pool:
        noted = list(pool.map(lambda n: note_look(engine, tried, LOOK | {"won": n}, n / 1000), range(4)))
    assert sorted(noted) == [False, False, False, True]
    first = noted.index(True)
    known = get_trial(engine, tried.id)
    assert (known.looks, known.spent) == ([LOOK | {"won": first}], first / 1000)
    assert not note_look(engine, tried, LOOK, 0.5), "somebody looked since"
    assert note_look(engine, known, LOOK, 0.011)
    known = get_trial(engine, tried.id)
    assert (len(known.looks), known.spent) == (2, 0.011)


def test_what_has_ended_is_looked_at_no_more(engine: sa.Engine, tried: Trial) -> None:
    close(engine, tried, "stopped")
    assert not note_look(engine, tried, LOOK, 0.5)
    assert (get_trial(engine, tried.id).looks, get_trial(engine, tried.id).spent) == ([], 0)


@pytest.mark.parametrize("status", ["dropped", "undecided", "stopped"])
def test_one_that_ends_without_a_promotion_refuses_its_candidate_and_its_run_says_why(
    engine: sa.Engine, run_id: int, tried: Trial, status: TrialStatus
) -> None:
    reasons = get_run(engine, run_id).reasons
    close(engine, tried, status, "It lost.")
    ended = get_trial(engine, tried.id)
    assert (ended.status, ended.ended_by, ended.reason, ended.is_open) == (status, "ann", "It lost.", False)
    assert open_trial(engine) is None and list(generations_by_role(engine)) == ["serving"]
    run = get_run(engine, run_id)
    assert (get_generation(engine, tried.candidate_id).status, run.decision) == ("refused", "refused")
    assert run.reasons == [*reasons, "It lost."]
    with engine.connect() as connection:
        assert connection.scalar(sa.select(schema.retrain_run.c.report_outdated))


def test_a_run_that_was_decided_otherwise_keeps_what_was_decided(engine: sa.Engine, run_id: int, tried: Trial) -> None:
    with engine.begin() as connection:
        connection.execute(schema.retrain_run.update().values(decision="promoted"))
    reasons = get_run(engine, run_id).reasons
    close(engine, tried, "stopped")
    assert (get_run(engine, run_id).decision, get_run(engine, run_id).reasons) == ("promoted", reasons)


def test_an_end_by_promotion_leaves_the_candidate_and_its_run_to_who_promotes(
    engine: sa.Engine, run_id: int, tried: Trial
) -> None:
    close(engine, tried, "promoted")
    assert get_trial(engine, tried.id).status == "promoted"
    assert (get_generation(engine, tried.candidate_id).status, get_run(engine, run_id).decision) == ("built", "trial")
    assert list(generations_by_role(engine)) == ["serving"]


def test_the_candidate_that_comes_to_serve_ends_it_as_promoted(engine: sa.Engine, tried: Trial) -> None:
    leave(engine, serves=tried.candidate_id)
    ended = get_trial(engine, tried.id)
    assert (ended.status, ended.ended_by) == ("promoted", "ann")
    assert ended.reason == f"Generation {tried.candidate_id} serves."


def test_what_its_votes_said_is_its_reason(engine: sa.Engine, tried: Trial) -> None:
    leave(engine, serves=tried.candidate_id, remark="It won.")
    assert get_trial(engine, tried.id).reason == "It won."


def test_another_that_comes_to_serve_stops_it(engine: sa.Engine, tried: Trial) -> None:
    leave(engine, serves=77, remark="Something else won.")
    ended = get_trial(engine, tried.id)
    assert (ended.status, get_generation(engine, tried.candidate_id).status) == ("stopped", "refused")
    assert ended.reason is not None and "generation 77 came to serve" in ended.reason


def test_without_one_there_is_nothing_to_leave(engine: sa.Engine, base: Generation) -> None:
    leave(engine, serves=base.id)
    assert list_trials(engine) == []


def test_one_that_is_only_proposed_is_open_and_left_too(engine: sa.Engine, base: Generation, tried: Trial) -> None:
    close(engine, tried, "stopped")
    with engine.begin() as connection:
        row = {"incumbent_id": base.id, "candidate_id": tried.candidate_id, "status": "proposed", "alpha": TERMS.alpha}
        connection.execute(schema.trial.insert().values(row | {"share": 1, "most_questions": 9, "most_days": 9}))
        found = find_open(connection)
    assert found is not None and (found.status, found.started_at) == ("proposed", None)
    leave(engine, serves=77)
    assert [own.status for own in list_trials(engine)] == ["stopped", "stopped"]
