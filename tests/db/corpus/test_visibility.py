"""An answer of before is shown again only to those who may see all that it was made from, now."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from db import schema
from db.corpus.visibility import may_be_shown
from db.question import Answer
from tests.corpus import ASKED, add_answer


@pytest.fixture
def answer(engine: sa.Engine) -> Answer:
    return add_answer(engine, 2, n_passages=2)


def change(engine: sa.Engine, statement: sa.UpdateBase) -> None:
    with engine.begin() as connection:
        connection.execute(statement)


def add_audience(engine: sa.Engine) -> int:
    made = schema.audience.insert().values(workspace="T1", kind="channel", name="C1").returning(schema.audience.c.id)
    with engine.begin() as connection:
        return connection.execute(made).scalar_one()


def test_the_same_readers_and_more_documents_may_see_it(engine: sa.Engine, answer: Answer) -> None:
    assert may_be_shown(engine, answer.question_id, [1])
    assert may_be_shown(engine, answer.question_id, [1, 5])


def test_an_answer_made_for_an_audience_that_is_missing_may_not_be_seen(engine: sa.Engine, answer: Answer) -> None:
    change(engine, sa.update(schema.question).values(audience_ids=[1, 7]))
    assert may_be_shown(engine, answer.question_id, [1, 7])
    assert not may_be_shown(engine, answer.question_id, [1])


def test_an_answer_one_of_whose_sources_became_private_may_not_be_seen(engine: sa.Engine, answer: Answer) -> None:
    audience_id = add_audience(engine)
    change(engine, sa.update(schema.document).values(audience_id=audience_id))
    assert not may_be_shown(engine, answer.question_id, [1])
    assert may_be_shown(engine, answer.question_id, [1, audience_id])


@pytest.mark.parametrize(
    "withdrawal",
    [
        sa.update(schema.document).values(deleted_at=sa.func.now()),
        sa.delete(schema.chunk).where(schema.chunk.c.text == "Passage 1."),
        sa.delete(schema.chunk).where(schema.chunk.c.text == "Passage 1.1."),
    ],
    ids=["document", "leading passage", "passage beside it"],
)
def test_an_answer_one_of_whose_sources_is_gone_may_not_be_seen(
    engine: sa.Engine, answer: Answer, withdrawal: sa.UpdateBase
) -> None:
    change(engine, withdrawal)
    assert not may_be_shown(engine, answer.question_id, [1])


def test_an_answer_from_words_that_an_edit_may_have_taken_out_may_not_be_seen(
    engine: sa.Engine, answer: Answer
) -> None:
    edited = schema.impression.update().where(schema.impression.c.question_id == answer.question_id)
    for nearness, shown in ((1.0, True), (0.99, False)):
        with engine.begin() as connection:
            connection.execute(edited.values(nearness=nearness))
        assert may_be_shown(engine, answer.question_id, [1]) is shown


def test_other_answers_sources_and_unknown_questions_are_told_apart(engine: sa.Engine, answer: Answer) -> None:
    other = add_answer(engine, 1, replace(ASKED, channel="C2"))
    only_other = schema.document.c.title == other.sources[0].title
    change(engine, sa.update(schema.document).where(only_other).values(deleted_at=sa.func.now()))
    assert may_be_shown(engine, answer.question_id, [1]) and not may_be_shown(engine, other.question_id, [1])
    assert not may_be_shown(engine, 999, [1])
