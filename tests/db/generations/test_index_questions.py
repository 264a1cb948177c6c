"""An index is measured with what people ask, and until they asked enough with what looks like it."""

from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa

from db.generations import index_questions, write_vectors
from db.generations.index_questions import ENOUGH, OPENING_CHARS, opening, typical_questions
from db.question import Asked
from db.store import raw_connection
from tests.corpus import add_answer, add_base_generation, add_document, embed, encoders
from tests.synthetic import DIMENSION, HashingEncoder, add_chunks, make_generation, unit_vectors

HANDBOOK = (
    "Everyone has 28 days of paid leave a year, and public holidays beside it. Ask your lead first! "
    "Leave that is left over at the end of December is moved to March of the next year, and is then lost."
)


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is searched however little it holds."""
    monkeypatch.setattr(index_questions, "EXACT_UP_TO", 0)


class Noting(HashingEncoder):
    """Remembers what it was given to encode."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode_questions(self, texts: list[str]) -> np.ndarray:  # type: ignore[override]
        self.texts += texts
        return super().encode_questions(texts)


@pytest.mark.usefixtures("searched")
def test_the_latest_different_questions_of_people_are_taken_as_they_were_searched(engine: sa.Engine) -> None:
    for number in range(ENOUGH + 2):
        add_answer(engine, 1, Asked(f"question {number % (ENOUGH + 1)}", "T1", "C1", "public", f"T1:U{number}"))
    with raw_connection(engine) as raw:
        raw.execute("UPDATE question SET rewritten_text = 'rewritten' WHERE raw_text = 'question 7'")
    encoder, generation = Noting(), make_generation(engine)
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, [(1, 1)], unit_vectors(1))
    vectors = typical_questions(engine, generation, encoder, n=ENOUGH)
    assert encoder.texts[:2] == ["question 0", f"question {ENOUGH}"]
    assert "rewritten" in encoder.texts and "question 7" not in encoder.texts
    assert len(set(encoder.texts)) == len(vectors) == ENOUGH


@pytest.mark.usefixtures("searched")
def test_while_people_asked_little_openings_of_what_the_generation_holds_stand_beside(engine: sa.Engine) -> None:
    generation = add_base_generation(engine)
    encoder = encoders().get(generation)
    embed(engine, add_document(engine, "Leave", [("", HANDBOOK)] * 3))
    add_document(engine, "Not embedded", [("", "This passage has no vector yet.")])
    add_answer(engine, 1, Asked("How much leave?", "T1", "C1", "public", "T1:U1"))
    with raw_connection(engine) as raw:
        ids = [row[0] for row in raw.execute(f"SELECT chunk_id FROM {generation.table}".encode()).fetchall()]
    vectors = typical_questions(engine, generation, encoder)
    expected = encoder.encode_questions(["How much leave?", *(opening(HANDBOOK, str(chunk_id)) for chunk_id in ids)])
    assert len(vectors) == 4
    assert np.sort(vectors @ expected[0]) == pytest.approx(np.sort(expected @ expected[0]), abs=1e-5)
    assert len(typical_questions(engine, generation, encoder, n=2)) == 2


def test_where_the_index_is_not_searched_there_are_none(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    generation = make_generation(engine)
    monkeypatch.setattr(index_questions, "EXACT_UP_TO", 4)
    for number, expected in (4, 0), (5, 5):
        with raw_connection(engine) as raw:
            rows = add_chunks(engine, number)
            raw.execute(f"TRUNCATE {generation.table}".encode())
            write_vectors(raw, generation, rows, unit_vectors(number))
        assert typical_questions(engine, generation, HashingEncoder()).shape == (expected, DIMENSION)


def test_an_opening_is_the_first_words_of_some_sentence() -> None:
    drawn = {opening(HANDBOOK, str(key)) for key in range(30)}
    assert drawn == {
        "Everyone has 28 days of paid leave a year, and public",
        "Ask your lead first!",
        "Leave that is left over at the end of December is moved to",
    }
    assert opening(HANDBOOK, "7") == opening(HANDBOOK, "7")


@pytest.mark.parametrize(
    "passage", ["short", "x" * 500, "a\n\nb", "\u5171\u6709\u4e8c\u5341\u516b\u5929\u3002" * 20, "..."]
)
def test_any_passage_has_one(passage: str) -> None:
    assert 0 < len(opening(passage, "1")) <= OPENING_CHARS
