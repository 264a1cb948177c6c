"""Figures of the whole store: a silence is wrong once somebody answered it; what ended is counted by outcome."""

from __future__ import annotations

import sqlalchemy as sa

from db import schema
from db.feedback import record_vote
from db.generations import end_trial, note_look
from db.question import Asked
from db.slack import lease_event
from db.slack.figures import read_figures
from tests.corpus import add_answer, add_base_generation, encoders
from tests.db.feedback.test_votes import press
from tests.night_rows import make_ranking_run, make_run, store_run
from tests.synthetic import make_sharing
from tests.trial_rows import LOOK, begin


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


def test_a_trial_is_counted_in_questions_while_it_is_open(engine: sa.Engine) -> None:
    base = add_base_generation(engine)
    known = begin(engine, make_sharing(engine, base), encoders().get(base))
    assert read_figures(engine).trial == {"answered": 0, "voted": 0, "won": 0, "lost": 0}
    answers = [add_answer(engine, 1, Asked("Where?", "T1", name, "public", "T1:U1")) for name in ("C1", "C2")]
    with engine.begin() as connection:
        connection.execute(schema.impression.update().values(team="candidate"))
        for answer in answers:
            row = {"question_id": answer.question_id, "trial_id": known.id, "slots": 2, "contested": 1}
            connection.execute(schema.trial_question.insert().values(row))
    record_vote(engine, press(answers[0], 1, 1))
    note_look(engine, known, LOOK, 0.002)
    assert read_figures(engine).trial == {"answered": 2, "voted": 1, "won": LOOK["won"], "lost": LOOK["lost"]}
    end_trial(engine, known, "stopped", by="ann", reason="Enough.")
    assert read_figures(engine).trial == {}
