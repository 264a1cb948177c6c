"""How much is new since an earlier run learnt, and whether that is worth a try by the clock."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

import sqlalchemy as sa

from db.feedback import read_said
from db.generations import Generation, add_generation, serving
from db.nights import Run
from retrain.lesson import Anchor, Lesson, make_snapshot
from retrain.night.news import News, news_since, tried_lately
from tests.corpus import add_answer, add_base_generation, add_pairs
from tests.night_rows import make_run, store_run

BASE_MODEL = "all-MiniLM-L6-v2"

TRIED = {"tried": {"alpha": 0.02, "gains": {"pair 1": 0.5}}}


def lesson_of_now(engine: sa.Engine, judging: int = 50) -> Lesson:
    part_of: dict[Anchor, Literal["gate"]] = {Anchor("pair", n): "gate" for n in range(judging)}
    return Lesson(make_snapshot(read_said(engine)), (), part_of, (), (), {})


def refused_night(engine: sa.Engine, **phases: object) -> Run:
    """That learnt from all there is."""
    known = {"learn": {"gate_pairs": 50}, "train": {"seconds": 1.0}} | phases
    run = make_run(decision="refused", evidence=TRIED, snapshot=asdict(read_said(engine).bounds), phases=known)
    return store_run(engine, run)


def due(engine: sa.Engine, trigger: str = "schedule") -> Run:
    return store_run(engine, make_run(trigger=trigger, status="running", decision=None, evidence=None))


def tried(engine: sa.Engine, run: Run, lesson: Lesson) -> list[str]:
    return tried_lately(engine, run, lesson, serving(engine), BASE_MODEL)


def test_a_night_by_the_clock_waits_for_a_tenth_more_and_one_that_is_asked_for_does_not(engine: sa.Engine) -> None:
    add_base_generation(engine)
    add_answer(engine, 3)
    add_pairs(engine, 20)
    refused = refused_night(engine)
    add_pairs(engine, 1)
    [reason] = tried(engine, due(engine), lesson_of_now(engine))
    assert f"Night {refused.id} held a candidate against what serves" in reason
    assert "1 have come or changed since it learnt from 20, and 2 are needed before another try" in reason
    assert tried(engine, due(engine, "cli"), lesson_of_now(engine)) == []

    add_pairs(engine, 1)
    assert news_since(engine, refused.id, lesson_of_now(engine).snapshot) == News(2, 20)
    assert tried(engine, due(engine), lesson_of_now(engine)) == []


def test_a_tenth_more_to_judge_by_is_worth_a_try_too(engine: sa.Engine) -> None:
    add_base_generation(engine)
    add_answer(engine, 3)
    add_pairs(engine, 20)
    refused_night(engine)
    assert tried(engine, due(engine), lesson_of_now(engine, judging=55))
    assert tried(engine, due(engine), lesson_of_now(engine, judging=56)) == []


def test_without_a_try_that_failed_there_is_nothing_to_wait_for(engine: sa.Engine) -> None:
    add_base_generation(engine)
    add_answer(engine, 3)
    add_pairs(engine, 20)
    assert tried(engine, due(engine), lesson_of_now(engine)) == []
    store_run(engine, make_run(decision="refused", evidence=TRIED, phases={"learn": {}}))  # it trained nothing
    assert tried(engine, due(engine), lesson_of_now(engine)) == []
    refused_night(engine)
    store_run(engine, make_run(decision="promoted", evidence=TRIED))
    assert tried(engine, due(engine), lesson_of_now(engine)) == []


def test_another_base_model_and_something_else_that_serves_are_worth_a_try(engine: sa.Engine) -> None:
    base = add_base_generation(engine)
    add_answer(engine, 3)
    add_pairs(engine, 20)
    refused = refused_night(engine)
    made = add_refused(engine, base, refused)
    night, lesson = due(engine), lesson_of_now(engine)
    assert tried_lately(engine, night, lesson, base, BASE_MODEL)
    assert tried_lately(engine, night, lesson, base, "another") == []
    assert tried_lately(engine, night, lesson, made, BASE_MODEL) == []


def add_refused(engine: sa.Engine, base: Generation, run: Run) -> Generation:
    """A candidate of that run's."""
    with engine.begin() as connection:
        return add_generation(connection, artefact_id=base.artefact_id, parent_id=base.id, run_id=run.id)
