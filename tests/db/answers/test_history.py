"""What a person asked and voted on: theirs alone, page by page, and no private question of others."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from db import schema
from db.answers.history import past_questions
from db.corpus.visibility import RESTRICTED_TITLE
from db.feedback import VoteEvent, record_vote
from db.question import Asked
from tests.corpus import add_answer
from tests.synthetic import add_audience

ANN, BEN = "T1:U0ANN", "T1:U0BEN"


def test_own_questions_and_those_voted_on_newest_first(engine: sa.Engine) -> None:
    asked = [
        ("mine", ANN, "direct"),
        ("unvoted", BEN, "public"),
        ("public", BEN, "public"),
        ("private", BEN, "private"),
    ]
    for text, person, kind in asked:
        answer = add_answer(engine, 2, Asked(text, "T1", f"C-{text}", kind, person, "1.5"))  # type: ignore[arg-type]
        if text not in ("mine", "unvoted"):
            citation_id = answer.sources[1].citation_id
            record_vote(engine, VoteEvent(text, "T1", ANN, answer.question_id, citation_id, "press", -1, Decimal(1)))
    found = past_questions(engine, ANN, 10)
    assert [(question.text, question.is_own) for question in found] == [
        (None, False),
        ("public", False),
        ("mine", True),
    ]
    assert [[source.value for source in question.sources] for question in found] == [[0, -1], [0, -1], [0, 0]]
    assert [source.number for source in found[0].sources] == [1, 2]
    assert [question.id for question in past_questions(engine, ANN, 1, offset=2)] == [found[2].id]


def test_a_title_is_shown_for_as_long_as_the_document_is_theirs_to_see(engine: sa.Engine) -> None:
    title = add_answer(engine, 1, Asked("mine", "T1", "D1", "direct", ANN, "1.5")).sources[0].title
    group = add_audience(engine, "C0BOARD")
    member = {"audience_id": group, "person": ANN}
    with engine.begin() as connection:
        connection.execute(schema.document.update().values(audience_id=group))
        connection.execute(schema.audience_member.insert().values(member))
    assert [source.title for source in past_questions(engine, ANN, 1)[0].sources] == [title]
    with engine.begin() as connection:
        connection.execute(schema.audience_member.delete())
    assert [source.title for source in past_questions(engine, ANN, 1)[0].sources] == [RESTRICTED_TITLE]
