"""A question is searched for by its words and the vector that its encoder gave it."""

from __future__ import annotations

from db.models.encoded_question import encode_questions
from tests.synthetic import HashingEncoder


def test_each_question_keeps_its_words_beside_its_own_vector() -> None:
    texts = ["Where is the car park?", "", "Where is the car park?"]
    encoded = encode_questions(HashingEncoder(), texts)
    assert [question.text for question in encoded] == texts
    assert [question.vector.tolist() for question in encoded] == HashingEncoder().encode_questions(texts).tolist()
    assert encode_questions(HashingEncoder(), []) == []
