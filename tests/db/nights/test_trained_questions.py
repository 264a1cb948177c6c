"""What nights trained on is known by its words when its question or pair is gone, and forgotten when it is erased."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import StaleRunError
from db.nights.requests import request_run
from db.nights.runs import Run
from db.nights.taking import finish_run, take_next_run
from db.nights.trained_questions import TrainedQuestion, note_trained, read_trained
from db.privacy import erase_person, erase_question
from db.question import Asked
from tests.corpus import add_answer

ANN, BEN, CLEO = "T1:U0ANN", "T1:U0BEN", "T1:U0CLEO"


def a_run(engine: sa.Engine) -> Run:
    """The next night, begun."""
    request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None
        return run


def asked_by(engine: sa.Engine, person: str, text: str) -> int:
    return add_answer(engine, 1, Asked(text, "T1", f"C {text}", "public", person, "1.5")).question_id


def add_pair(engine: sa.Engine, prompt: str, added_by: str, question_id: int | None = None) -> int:
    row = {"prompt": prompt, "completion": "This.", "added_by": added_by, "question_id": question_id}
    with engine.begin() as connection:
        return int(
            connection.execute(
                schema.curated_pair.insert().values(row).returning(schema.curated_pair.c.id)
            ).scalar_one()
        )


def known(engine: sa.Engine, apart_from: int | None = None) -> list[TrainedQuestion]:
    with engine.connect() as connection:
        return read_trained(connection, apart_from)


def texts(engine: sa.Engine) -> set[str]:
    return {own.text for own in known(engine)}


def test_it_outlives_its_pair_and_its_words_an_edit(engine: sa.Engine) -> None:
    question, run = asked_by(engine, ANN, "Where is the key?"), a_run(engine)
    pair, about = add_pair(engine, "How much leave?", BEN), add_pair(engine, "Where is the key?", BEN, question)
    noted = {("question", question): "Where is the key?", ("pair", pair): "How much leave?"}
    note_trained(engine, run, noted | {("pair", about): "Where is the key?"})
    note_trained(engine, run, noted)
    finish_run(engine, run, "refused", [])
    with engine.begin() as connection:
        connection.execute(sa.update(schema.curated_pair).where(schema.curated_pair.c.id == pair).values(prompt="Hm?"))
    later = a_run(engine)
    note_trained(engine, later, {("pair", pair): "Hm?"})
    with engine.begin() as connection:
        connection.execute(sa.delete(schema.curated_pair))
    assert [(own.question_id, own.pair_id, own.text) for own in known(engine)] == [
        (question, None, "Where is the key?"),
        (None, pair, "How much leave?"),
        (question, about, "Where is the key?"),
        (None, pair, "Hm?"),
    ]
    assert {own.text for own in known(engine, apart_from=run.id)} == {"Hm?"}
    assert len(known(engine, apart_from=later.id)) == 3


def test_a_night_that_was_taken_over_notes_nothing(engine: sa.Engine) -> None:
    pair, run = add_pair(engine, "How much leave?", BEN), a_run(engine)
    with take_next_run(engine):
        pass
    with pytest.raises(StaleRunError):
        note_trained(engine, run, {("pair", pair): "How much leave?"})
    assert known(engine) == []


def test_what_is_erased_leaves_nothing_behind(engine: sa.Engine) -> None:
    key, leave = asked_by(engine, ANN, "Where is the key?"), asked_by(engine, ANN, "How much leave?")
    others = asked_by(engine, CLEO, "Who has lunch?")
    given, about = add_pair(engine, "Is there tea?", BEN), add_pair(engine, "How much leave?", BEN, leave)
    gone = add_pair(engine, "Is there cake?", BEN)
    noted = {
        ("question", key): "Where is the key?",
        ("question", leave): "How much leave?",
        ("question", others): "Who has lunch?",
        ("pair", given): "Is there tea?",
        ("pair", about): "How much leave?",
        ("pair", gone): "Is there cake?",
    }
    note_trained(engine, a_run(engine), noted)
    with engine.begin() as connection:  # as an operator may, who looks for no traces of it
        connection.execute(sa.delete(schema.curated_pair).where(schema.curated_pair.c.id.in_([gone, about])))
    assert len(known(engine)) == 6

    erase_question(engine, ANN, leave)
    assert texts(engine) == {"Where is the key?", "Who has lunch?", "Is there tea?", "Is there cake?"}
    erase_person(engine, BEN)
    assert texts(engine) == {"Where is the key?", "Who has lunch?"}
    erase_person(engine, ANN)
    assert texts(engine) == {"Who has lunch?"}


def test_a_night_that_somebody_is_erased_from_notes_nothing_of_it(engine: sa.Engine) -> None:
    question, run = asked_by(engine, ANN, "Where is the key?"), a_run(engine)
    erase_person(engine, ANN)
    with pytest.raises(StaleRunError):
        note_trained(engine, run, {("question", question): "Where is the key?"})
    assert known(engine) == []
