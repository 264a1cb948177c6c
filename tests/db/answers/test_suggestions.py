"""Suggested are questions that several people asked in public, and titles that all may read: nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from db import schema
from db.answers.storing import store_answer
from db.answers.suggestions import MAX_CHARS, popular_questions, public_titles
from db.question import AnswerKind, Draft
from tests.corpus import ASKED, add_base_generation, add_document

PARKING = "Where is the car park?"


@pytest.fixture
def generation(engine: sa.Engine) -> None:
    assert add_base_generation(engine).id == 1


def ask(engine: sa.Engine, people: str, text: str = PARKING, kind: AnswerKind = "quoted", **changes: Any) -> None:
    """Each of the people, a letter each, asks it."""
    for person in people:
        asked = replace(ASKED, text=text, person=f"T1:{person}", **changes)
        store_answer(engine, asked, Draft(text, (1,), 1, kind, "An answer.", [], [], {}))


@pytest.mark.usefixtures("generation")
def test_what_more_people_asked_comes_first(engine: sa.Engine) -> None:
    ask(engine, "AB")
    ask(engine, "ABC", "How much leave do I get?")
    ask(engine, "AAAA", "Only I want to know this?")
    assert popular_questions(engine, "T1", 5) == ["How much leave do I get?", PARKING]
    assert popular_questions(engine, "T1", 1) == ["How much leave do I get?"]


@pytest.mark.usefixtures("generation")
def test_the_same_words_are_one_question(engine: sa.Engine) -> None:
    ask(engine, "A", PARKING)
    ask(engine, "B", "where is the car park")
    assert len(popular_questions(engine, "T1", 5)) == 1


@pytest.mark.usefixtures("generation")
@pytest.mark.parametrize(
    "changes",
    [
        {"channel_kind": "private"},
        {"channel_kind": "direct"},
        {"thread_ts": None},  # a command, which only who used it sees
        {"workspace": "T2"},
        {"kind": "unknown"},
        {"text": "What does @U0BERT earn?"},
        {"text": "long " * MAX_CHARS},
    ],
    ids=str,
)
def test_what_was_not_asked_in_public_or_does_not_help_is_never_suggested(
    engine: sa.Engine, changes: dict[str, Any]
) -> None:
    ask(engine, "ABC", **changes)
    assert popular_questions(engine, "T1", 5) == []


@pytest.mark.usefixtures("generation")
def test_old_questions_are_forgotten(engine: sa.Engine) -> None:
    ask(engine, "AB")
    with engine.begin() as connection:
        connection.execute(sa.update(schema.question).values(asked_at=sa.text("now() - interval '91 days'")))
    assert popular_questions(engine, "T1", 5) == []


def test_titles_are_of_documents_for_all(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        made = schema.audience.insert().values(workspace="T1", kind="channel", name="C1")
        audience_id = connection.execute(made.returning(schema.audience.c.id)).scalar_one()
    add_document(engine, "Parking", [])
    add_document(engine, "Salaries", [], audience_id=audience_id)
    add_document(engine, "Gone", [])
    with engine.begin() as connection:
        gone = schema.document.c.title == "Gone"
        connection.execute(sa.update(schema.document).where(gone).values(deleted_at=sa.func.now()))
    assert public_titles(engine, 5) == ["Parking"]
