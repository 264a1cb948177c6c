"""What answers a question at all: by names, by nearness and words together, and by a second look at lines."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from db.search.features import Written
from db.search.found import Found
from db.search.gathering import FoundDocument
from db.search.relevance import (
    APART_WEIGHT,
    ELSEWHERE_WEIGHT,
    ENOUGH,
    KNOWN_NAME_WEIGHT,
    LEAST,
    MEANT_WEIGHT,
    NAME_WEIGHT,
    NEAR_LINE,
    Looks,
    Unrelated,
    nearness,
    why_nothing,
    worth_showing,
)
from db.words import NamedThing, QuestionWords, UnknownWord

UNRELATED = Unrelated(0.2, 0.1)
TEXT = "Mileage is paid for your own car. Production is restarted by hand."


def document(similarity: float, words: float = 0.0, coverage: float = 0.0, id_: int = 1) -> FoundDocument[Found]:
    return FoundDocument((Found(id_, id_, id_, similarity, words, coverage, similarity + words),))


def why(
    words: QuestionWords, *documents: FoundDocument[Found], line: float = 0.0, names: Sequence[str] = ()
) -> str | None:
    """With the nearest line so many spreads nearer than unrelated sources are, and these words for names."""
    looks = Looks(
        lambda chunk_ids: [Written("", "", TEXT) for _ in chunk_ids],
        lambda _: UNRELATED.nearness + UNRELATED.spread * line,
        lambda typed: [word in names for word in typed],
    )
    return why_nothing(words, documents, UNRELATED, looks)


def far(enough: float) -> FoundDocument[Found]:
    """One that is nearer than unrelated ones by so much."""
    return document(UNRELATED.nearness + UNRELATED.spread * enough)


def unknown(typed: str, *, names: bool = False) -> UnknownWord:
    return UnknownWord(typed, typed.lower(), names)


def test_nearness_and_words_add_up() -> None:
    near, worded, both = far(ENOUGH + 0.1), document(0.2, ENOUGH / 2 + 0.1), document(0.35, 0.5)
    words = QuestionWords(1.0)
    assert why(words, near) is None
    assert why(words, worded) is None
    assert why(words, both) is None
    assert why(words, far(1.5)) == (
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
    enough = far(ENOUGH + 0.1)
    meant = unknown("milage"), unknown("prod"), unknown("Milleage", names=True)
    assert why(QuestionWords(1.0, meant), enough, names=["milage", "prod"]) is None
    missed = why(QuestionWords(1.0, (unknown("dental"),)), enough)
    assert missed is not None and "speaks of “dental”" in missed


def test_a_mistyped_or_shortened_word_speaks_for_an_answer_twice_at_most() -> None:
    meant = unknown("milage"), unknown("prod"), unknown("restrated")
    assert why(QuestionWords(1.0, meant[:1]), far(ENOUGH - MEANT_WEIGHT + 0.1)) is None
    assert why(QuestionWords(1.0, meant), far(ENOUGH - 2 * MEANT_WEIGHT + 0.1)) is None
    assert why(QuestionWords(1.0, meant), far(ENOUGH - 2 * MEANT_WEIGHT - 0.1)) is not None
    assert why(QuestionWords(1.0, (unknown("dental"),)), far(ENOUGH)) is not None


def named(*typed: str) -> QuestionWords:
    """Names things of one word or of several, in one form each."""
    return QuestionWords(
        1.0, named=tuple(NamedThing(one, tuple((word,) for word in one.lower().split())) for one in typed)
    )


def why_of(words: QuestionWords, enough: float, *passages: Written, line: float = 0.0) -> str | None:
    """With a document of each of these passages, all as near."""
    looks = Looks(lambda ids: [passages[id_ - 1] for id_ in ids], lambda _: line, lambda typed: [False] * len(typed))
    near = UNRELATED.nearness + UNRELATED.spread * enough
    return why_nothing(words, [document(near, id_=place) for place in range(1, len(passages) + 1)], UNRELATED, looks)


@pytest.mark.parametrize(
    ("things", "first", "second", "takes"),
    [
        (["2019"], Written("Prices of 2019", "", "Dear."), Written("", "", "Dear."), 0),
        (["2019"], Written("", "", "Dear."), Written("", "Of 2019", "Dear."), ELSEWHERE_WEIGHT),
        (["2019"], Written("", "", "Dear in 2020."), Written("", "", "Dear in 2021."), APART_WEIGHT),
        (["Cork", "2019"], Written("Cork", "", "Wet."), Written("", "", "Dry in 2019."), APART_WEIGHT),
        (["Cork", "2019"], Written("Porto", "", "Dry."), Written("Cork", "", "Wet in 2019."), ELSEWHERE_WEIGHT),
        (["Cork 3"], Written("Cork", "", "Dogs: 3."), Written("", "", "Cork feeds 3."), APART_WEIGHT),
        (["Cork 3"], Written("Cork", "", "3 is the number."), Written("", "", "Cork 2."), 0),
        (["Cork 3"], Written("", "", "3 Cork. 3 Cork"), Written("", "", "Two, of Cork"), 0),
    ],
)
def test_what_a_question_names_is_to_stand_in_one_source(
    things: list[str], first: Written, second: Written, takes: float
) -> None:
    assert why_of(named(*things), ENOUGH + takes + 0.1, first, second) is None
    assert why_of(named(*things), ENOUGH + takes - 0.1, first, second) is not None


def test_no_line_speaks_for_a_question_that_names_what_no_source_has() -> None:
    elsewhere = Written("", "", ""), Written("Cork", "", "")
    assert why_of(named("Cork"), ENOUGH + ELSEWHERE_WEIGHT - 0.1, *elsewhere, line=1) is None
    assert why_of(named("Cork"), ENOUGH, Written("Porto", "", "Dry."), line=1) is not None


def test_a_refusal_tells_which_names_nothing_speaks_of() -> None:
    told = why_of(named("Cork", "2019"), ENOUGH, Written("Cork", "", "Wet in 2020."))
    assert told is not None and told.startswith("No document that was found speaks of “2019” as it does")
    told = why_of(named("Cork", "2019"), ENOUGH, Written("Cork", "", "Wet."), Written("", "", "Dry in 2019."))
    assert told is not None and told.startswith("No document that was found speaks of “Cork”, “2019” as it does")


def test_a_missed_name_without_a_capital_weighs_more_than_another_word() -> None:
    words = QuestionWords(1.0, (unknown("microsoft"),))
    enough = far(ENOUGH + NAME_WEIGHT)
    assert why(words, enough) is None
    refused = why(words, enough, names=["microsoft"])
    assert refused is not None and "speaks of “microsoft”" in refused
    assert why(words, far(ENOUGH + NAME_WEIGHT + 0.8), names=["microsoft"]) is None


def test_a_known_name_speaks_for_an_answer() -> None:
    assert why(QuestionWords(1.0, has_known_name=True), far(ENOUGH - KNOWN_NAME_WEIGHT + 0.1)) is None
    assert why(QuestionWords(1.0, has_known_name=True), far(ENOUGH - KNOWN_NAME_WEIGHT - 0.1)) is not None


def test_before_a_refusal_that_is_near_lines_are_looked_at() -> None:
    assert why(QuestionWords(1.0), far(LEAST + 0.1), line=NEAR_LINE + 0.01) is None
    assert why(QuestionWords(1.0), far(LEAST + 0.1), line=NEAR_LINE - 0.01) is not None
    assert why(QuestionWords(1.0), far(LEAST - 0.1), line=99) is not None


def test_a_question_that_tells_nothing_is_refused_for_that() -> None:
    told = why(QuestionWords(0.0), far(0))
    assert told is not None and told.startswith("It has no word that would tell what is asked: nearness 0.0")
    told = why(QuestionWords(0.0, (unknown("dental"),)), far(0))
    assert told is not None and told.startswith("None of its words stands in a document that may be shown here")


@pytest.mark.parametrize("enough", [LEAST - 0.1, ENOUGH + 0.1])
def test_lines_and_texts_are_read_only_where_they_decide(enough: float) -> None:
    def never(_: Sequence[object]) -> list[Written]:
        raise AssertionError

    looks = Looks(never, lambda _: 1 / 0, lambda _: [])
    why_nothing(QuestionWords(1.0), [far(enough)], UNRELATED, looks)


def test_no_line_speaks_for_a_question_with_such_a_name() -> None:
    words = QuestionWords(1.0, (unknown("microsoft"),))
    assert why(words, far(ENOUGH), line=99) is None
    assert why(words, far(ENOUGH), line=99, names=["microsoft"]) is not None


@pytest.mark.parametrize("enough", [LEAST, ENOUGH + NAME_WEIGHT + 0.8])
def test_names_are_told_only_where_they_decide(enough: float) -> None:
    looks = Looks(lambda ids: [Written("", "", TEXT) for _ in ids], lambda _: 0.0, lambda _: [1 / 0 > 0])
    why_nothing(QuestionWords(1.0, (unknown("dental"),)), [far(enough)], UNRELATED, looks)


def test_where_there_are_no_documents_nothing_is_answered() -> None:
    assert why(QuestionWords(0.0)) == "There is no document that may be shown here."


def test_sources_after_the_first_are_near_or_have_the_words() -> None:
    found = [document(0.1), document(0.25, id_=2), document(0.1, id_=3), document(0.1, coverage=0.5, id_=4)]
    assert worth_showing(found, UNRELATED) == [1, 2, 4]
