"""What a person asked and voted on: theirs alone, page by page, and no private question of others."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from db.history import past_questions
from db.question import Asked
from db.votes import VoteEvent, record_vote
from tests.corpus import add_answer

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
