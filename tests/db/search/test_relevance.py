"""What answers a question at all: by names, by nearness and words together, and by a second look at lines."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from db.search.found import Found
from db.search.gathering import FoundDocument
from db.search.relevance import ENOUGH, NEAR_LINE, Unrelated, nearness, why_nothing, worth_showing
from db.words import QuestionWords, UnknownWord

UNRELATED = Unrelated(0.2, 0.1)
TEXT = "Mileage is paid for your own car. Production is restarted by hand."


def document(similarity: float, words: float = 0.0, coverage: float = 0.0, id_: int = 1) -> FoundDocument[Found]:
    return FoundDocument((Found(id_, id_, id_, similarity, words, coverage, similarity + words),))


def why(words: QuestionWords, *documents: FoundDocument[Found], line: float = 0.0) -> str | None:
    return why_nothing(words, documents, UNRELATED, lambda chunk_ids: [TEXT for _ in chunk_ids], lambda _: line)


def unknown(typed: str, *, names: bool = False) -> UnknownWord:
    return UnknownWord(typed, typed.lower(), names)


def test_nearness_and_words_add_up() -> None:
    near, worded, both = document(0.2 + 0.1 * (ENOUGH + 0.1)), document(0.2, ENOUGH / 2 + 0.1), document(0.35, 0.5)
    words = QuestionWords(1.0)
    assert why(words, near) is None
    assert why(words, worded) is None
    assert why(words, both) is None
    assert why(words, document(0.35)) == (
        "What was found says too little of what it asks: nearness 1.5, words 0.0, together 1.5 of the 2.4 that it "
        "takes."
    )


def test_words_are_worth_as_much_as_they_tell() -> None:
    assert why(QuestionWords(1.0), document(0.2, 1.3)) is None
    assert why(QuestionWords(0.5), document(0.2, 1.3)) is not None


def test_all_sources_count_each_by_its_nearest_passage() -> None:
    two = FoundDocument((*document(0.1).passages, *document(0.5).passages))
    assert nearness([two, document(0.3)]) == pytest.approx(0.4)


def test_what_names_a_thing_that_stands_nowhere_is_refused_however_near() -> None:
    words = QuestionWords(2.0, (unknown("plan"), unknown("Siemens", names=True), unknown("2.7", names=True)))
    said = why(words, document(0.9, 2.0))
    assert said == "It names “Siemens”, “2.7”, which stands in no document that may be shown here."


def test_a_mistyped_or_shortened_word_is_not_missed() -> None:
    enough = document(0.2 + 0.1 * (ENOUGH + 0.1))
    meant = unknown("milage"), unknown("prod"), unknown("Milleage", names=True)
    assert why(QuestionWords(1.0, meant), enough) is None
    missed = why(QuestionWords(1.0, (unknown("dental"),)), enough)
    assert missed is not None and "speaks of “dental”" in missed


def test_what_names_a_thing_that_is_known_is_answered_however_far() -> None:
    assert why(QuestionWords(1.0, has_known_name=True), document(-0.5)) is None


def test_before_a_refusal_lines_are_looked_at() -> None:
    near_line = 0.2 + 0.1 * NEAR_LINE + 1e-6
    assert why(QuestionWords(1.0), document(0.25), line=near_line) is None
    assert why(QuestionWords(1.0), document(0.25), line=near_line - 0.01) is not None
    assert why(QuestionWords(0.0), document(0.25), line=0.99) == (
        "None of its words stands in a document that may be shown here: nearness 0.5, words 0.0, together 0.5 of the "
        "2.4 that it takes."
    )


def test_lines_and_texts_are_read_only_where_they_decide() -> None:
    def never(_: Sequence[object]) -> list[str]:
        raise AssertionError

    assert why_nothing(QuestionWords(1.0), [document(0.9)], UNRELATED, never, lambda _: 1 / 0) is None


def test_where_there_are_no_documents_nothing_is_answered() -> None:
    assert why(QuestionWords(0.0)) == "There is no document that may be shown here."


def test_sources_after_the_first_are_near_or_have_the_words() -> None:
    found = [document(0.1), document(0.25, id_=2), document(0.1, id_=3), document(0.1, coverage=0.5, id_=4)]
    assert worth_showing(found, UNRELATED) == [1, 2, 4]
