"""Gaps: what got no good answer, alike together, and shown only as far as it was asked in public."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db import schema
from db.answers.gaps import OpenQuestion, find_gaps, open_questions
from db.corpus import ChannelKind
from db.feedback import VoteEvent, record_vote
from db.question import Asked
from tests.corpus import add_answer
from tests.scales import lifted
from tests.synthetic import unit_vectors

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIRECTIONS = {"leave": (1.0, 0.0), "holiday": (0.8, 0.6), "parking": (0.0, 1.0)}


def asked(number: int, text: str, *, public: bool = True) -> OpenQuestion:
    return OpenQuestion(number, text, public, NOON - timedelta(hours=number))


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.array([DIRECTIONS[text] for text in texts], dtype=np.float32)


def test_questions_alike_are_one_gap_and_the_commonest_comes_first() -> None:
    questions = [asked(1, "parking"), asked(2, "leave", public=False), asked(3, "holiday"), asked(4, "leave")]
    assert [(gap.count, gap.example, gap.last_asked_at) for gap in find_gaps(questions, encode)] == [
        (3, "holiday", NOON - timedelta(hours=2)),
        (1, "parking", NOON - timedelta(hours=1)),
    ]


def test_a_gap_that_nobody_named_in_public_has_no_text() -> None:
    [gap] = find_gaps([asked(1, "leave", public=False)], encode)
    assert gap.example is None
    assert find_gaps([], encode) == []


def test_open_are_the_unknown_and_those_with_nothing_but_down_votes(engine: sa.Engine) -> None:
    fates = {"unknown": [], "down": [-1], "mixed": [-1, 1], "up": [1], "unvoted": []}
    for name, values in fates.items():
        kind: ChannelKind = "public" if name == "down" else "private"
        answer = add_answer(engine, 2, Asked(name, "T1", name, kind, "T1:U1", "1.5"))
        for source, value in zip(answer.sources, values, strict=False):
            key = f"{name}{source.number}"
            event = (key, "T1", "T1:U1", answer.question_id, source.citation_id, "press", value, Decimal(1))
            record_vote(engine, VoteEvent(*event))  # type: ignore[arg-type]
    with engine.begin() as connection:
        unknown = schema.question.c.raw_text == "unknown"
        connection.execute(sa.update(schema.question).where(unknown).values(answer_kind="unknown"))
    found = [(question.text, question.is_public) for question in open_questions(engine)]
    assert found == [("down", True), ("unknown", False)]


def test_questions_alike_do_not_depend_on_the_encoder_s_scale() -> None:
    vectors = lifted(unit_vectors(80, seed=5, clusters=12), 0.3)
    questions = [asked(number, str(number)) for number in range(80)]
    gaps = find_gaps(questions, lambda _: vectors)
    assert 20 < len(gaps) < 70
    assert find_gaps(questions, lambda _: lifted(vectors, 0.75)) == gaps
