"""Figures of the whole store: a silence is wrong once somebody answered it; what ended is counted by outcome."""

from __future__ import annotations

import sqlalchemy as sa

from db import schema
from db.question import Asked
from db.slack import lease_event
from db.slack.figures import read_figures
from tests.corpus import add_answer
from tests.night_rows import make_ranking_run, make_run, store_run


def test_a_store_that_holds_nothing_has_figures_too(engine: sa.Engine) -> None:
    figures = read_figures(engine)
    assert (figures.generation_id, figures.chunks, figures.wrong_silences, figures.runs) == (None, 0, 0, {})
    assert figures.waiting == {"nights": 0, "decisions": 0, "events": 0}


def test_a_silence_is_wrong_once_somebody_answered_it(engine: sa.Engine) -> None:
    silent = [add_answer(engine, 1, Asked("Where?", "T1", channel, "public", "T1:U1")) for channel in ("C1", "C2")]
    add_answer(engine, 1, Asked("Where?", "T1", "C3", "public", "T1:U1"))
    with engine.begin() as connection:
        ids = [answer.question_id for answer in silent]
        connection.execute(
            sa.update(schema.question).where(schema.question.c.id.in_(ids)).values(answer_kind="unknown")
        )
        for number in range(2):  # two people say so: it is one question
            row = {"prompt": "Where?", "completion": f"There {number}.", "added_by": "T1:U1", "question_id": ids[0]}
            connection.execute(schema.curated_pair.insert().values(row))
    figures = read_figures(engine)
    assert (figures.silences, figures.wrong_silences) == (2, 1)


def test_what_ended_is_counted_by_outcome_and_what_waits_by_queue(engine: sa.Engine) -> None:
    store_run(engine, make_run())
    latest = store_run(engine, make_run(decision="refused"))
    store_run(engine, make_run(status="requested", decision=None, finished_at=None))
    store_run(engine, make_ranking_run())
    lease_event(engine, "Ev1", payload={"text": "?"})
    figures = read_figures(engine)
    assert figures.runs == {("night", "promoted"): 1, ("night", "refused"): 1, ("ranking", "promoted"): 1}
    assert figures.ended_at["night"] == latest.finished_at
    assert figures.waiting == {"nights": 1, "decisions": 0, "events": 1}
