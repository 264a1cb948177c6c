"""From what people see in Slack back to the question."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.answers.messages import question_of_citation, question_of_message, remember_message
from db.errors import UnknownIdError
from tests.corpus import add_answer


def test_messages_and_citations_lead_to_their_question(engine: sa.Engine) -> None:
    answer = add_answer(engine, 1)
    for _ in range(2):
        remember_message(engine, "T1", "C1", "17.000001", answer.question_id)
    assert question_of_message(engine, "T1", "C1", "17.000001") == answer.question_id
    assert question_of_message(engine, "T1", "C2", "17.000001") is None
    assert question_of_citation(engine, answer.sources[0].citation_id) == answer.question_id
    with pytest.raises(UnknownIdError):
        question_of_citation(engine, "nowhere")
