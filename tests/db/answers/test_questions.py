"""Questions and answers are read back as they were given."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
import sqlalchemy as sa

from db import schema
from db.answers.questions import FALLBACK_NOTE, answer_to_event, load_answer, load_asked
from db.answers.storing import store_answer
from db.errors import UnknownIdError
from db.question import Draft, answer_from_facts
from tests.corpus import ASKED


def test_it_reads_back_as_it_was_given(engine: sa.Engine, draft: Draft) -> None:
    answer = store_answer(engine, replace(ASKED, event_id="Ev1"), draft)
    assert load_answer(engine, answer.question_id) == answer
    assert answer_to_event(engine, "Ev1") == answer
    assert answer_to_event(engine, "Ev2") is None
    assert answer.note is None
    assert answer.timings_ms == {"llm": 12.5, "total": 20.0}


def test_quotes_after_a_language_model_failed_say_so(engine: sa.Engine, draft: Draft) -> None:
    assert store_answer(engine, ASKED, replace(draft, kind="quoted")).note == FALLBACK_NOTE
    assert store_answer(engine, ASKED, replace(draft, kind="quoted", timings_ms={"quote": 3.0})).note is None


def test_it_survives_being_facts(engine: sa.Engine, draft: Draft) -> None:
    answer = store_answer(engine, ASKED, draft)
    assert answer_from_facts(json.loads(json.dumps(asdict(answer)))) == answer


def test_who_asked_what_is_read_back_and_an_unknown_question_is_named(engine: sa.Engine, draft: Draft) -> None:
    asked = replace(ASKED, event_id="Ev1")
    assert load_asked(engine, store_answer(engine, asked, draft).question_id) == asked
    for load in (load_answer, load_asked):
        with pytest.raises(UnknownIdError, match="no question by that id"):
            load(engine, 10**9)


@pytest.mark.parametrize(
    ("url", "uri"),
    [
        (None, "https://docs.example.com/parking#page=3"),
        ("https://wiki.test/p", "https://wiki.test/p#page=3"),
        ("https://wiki.test/p#deck", "https://wiki.test/p#deck"),
    ],
)
def test_a_source_opens_at_its_leading_passage_s_place(
    engine: sa.Engine, draft: Draft, url: str | None, uri: str
) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(schema.chunk).values(place="#page=3"))
        if url:
            connection.execute(sa.update(schema.document).values(front_matter={"url": url}))
    assert store_answer(engine, ASKED, draft).sources[0].uri == uri
