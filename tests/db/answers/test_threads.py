"""A thread is remembered from our own tables: in order, bounded, its own, and for those who may see it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from db import schema
from db.answers.storing import store_answer
from db.answers.threads import Turn, has_answered, start_thread, thread_history
from db.question import Draft
from tests.corpus import ASKED, add_base_generation

THREAD = ("T1", "C1", "1.5")
IN_THREAD = replace(ASKED, thread_ts="1.5")


@pytest.fixture(autouse=True)
def generation(engine: sa.Engine) -> None:
    assert add_base_generation(engine).id == 1


def tell(engine: sa.Engine, text: str, *, searched: str = "", audience_ids: tuple[int, ...] = (1,)) -> int:
    draft = Draft(searched or text, audience_ids, 1, "unknown", f"Answer to {text}", [], [], {})
    return store_answer(engine, replace(IN_THREAD, text=text), draft).question_id


def test_the_last_turns_come_oldest_first_as_they_were_searched_for(engine: sa.Engine) -> None:
    tell(engine, "one?")
    tell(engine, "two?", searched="What is two?")
    tell(engine, "three?")
    assert thread_history(engine, *THREAD, [1], 2) == [
        Turn("What is two?", "Answer to two?"),
        Turn("three?", "Answer to three?"),
    ]


def test_what_was_answered_for_others_is_left_out(engine: sa.Engine) -> None:
    tell(engine, "public?")
    tell(engine, "private?", audience_ids=(1, 7))
    assert [turn.question for turn in thread_history(engine, *THREAD, [1], 3)] == ["public?"]
    assert [turn.question for turn in thread_history(engine, *THREAD, [1, 7], 3)] == ["public?", "private?"]


@pytest.mark.parametrize("elsewhere", [("T2", "C1", "1.5"), ("T1", "C2", "1.5"), ("T1", "C1", "9.5")])
def test_another_thread_is_another_thread(engine: sa.Engine, elsewhere: tuple[str, str, str]) -> None:
    tell(engine, "here?")
    assert has_answered(engine, *THREAD) and thread_history(engine, *THREAD, [1], 3)
    assert not has_answered(engine, *elsewhere) and thread_history(engine, *elsewhere, [1], 3) == []


def test_an_answer_that_is_posted_later_begins_a_thread(engine: sa.Engine) -> None:
    draft = Draft(ASKED.text, (1,), 1, "unknown", "I don't know.", [], [], {})
    question_id = store_answer(engine, replace(ASKED, thread_ts=None), draft).question_id
    assert not has_answered(engine, *THREAD)
    start_thread(engine, question_id, "1.5")
    assert has_answered(engine, *THREAD)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(schema.question.c.thread_ts)) == "1.5"
