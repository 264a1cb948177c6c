"""What a passage's text has of a question, beside its cosine and its BM25."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.search.features import OPENING, QuestionTerms, Said, Written
from db.words import tokenizer_of

ENGLISH = ("english",)
PHRASES = st.sampled_from(
    ["leave", "Leaves", "parental", "the", "die", "Verträge", "Vertrag", "prod", "PROJ-1234", "1234", "休暇", "policy,"]
)


def said(question: str, text: str, title: str = "", section: str = "", languages: tuple[str, ...] = ENGLISH) -> Said:
    return QuestionTerms(question, languages).said_by(Written(title, section, text))


def test_neighbouring_words_count_where_they_stand_side_by_side() -> None:
    assert said("parental leave policy", "Our parental leave policy is new.").pairs == 1
    assert said("parental leave policy", "Leave for parental reasons. The leave policy").pairs == 0.5
    assert said("parental leave policy", "policy leave parental").pairs == 0
    assert said("what parental leave is there", "There are days of parental leave").pairs == 1  # but for stop words
    assert said("leave leave leave", "leave leave").pairs == 0
    assert said("leave", "leave").pairs == 0


def test_a_pair_counts_once_however_often_it_stands_there() -> None:
    once = said("red green blue", "red green")
    assert said("red green blue", "red green " * 40).pairs == once.pairs == 0.5


def test_words_are_known_in_all_their_forms() -> None:
    assert said("cancelled orders", "cancelling an order").pairs == 1
    assert said("gekündigte Verträge", "mit den gekündigten Verträgen", languages=("english", "german")).pairs == 1


def test_title_and_opening_have_their_share_of_the_words() -> None:
    far = "Write " + "filler " * OPENING + "guests"
    found = said("visa letters for guests", far, "Visa letters", "Visa letters > X")
    assert (found.in_title, found.in_opening) == (pytest.approx(2 / 3), 0)
    assert said("visa letters for guests", "guests write").in_opening == pytest.approx(1 / 3)
    assert said("PROJ-1234 status", "", "PROJ-1234").in_title == pytest.approx(3 / 4)  # the code, and its two parts


def test_a_passage_is_as_long_as_its_words_with_title_and_headings() -> None:
    assert said("?", "alpha beta", "gamma", "gamma > delta").length == pytest.approx(math.log(5))
    assert said("?", "").length == 0


@given(st.lists(PHRASES, max_size=8), st.lists(PHRASES, max_size=3), st.lists(PHRASES, max_size=60))
def test_features_are_what_counting_word_by_word_gives(question: list[str], title: list[str], text: list[str]) -> None:
    both = ("english", "german")
    asked, head = " ".join(question), " ".join(title)
    words = tokenizer_of(both).forms(asked)
    named, above, own = tokenizer_of(both).sequences(head, head.strip(), " ".join(text))
    sequence = [*above, *own]

    def number(lexeme: str) -> int | None:
        return next((place for place, forms in enumerate(words) if lexeme in forms), None)

    def share(lexemes: list[str]) -> float:
        return len({number(lexeme) for lexeme in lexemes} - {None}) / max(1, len(words))

    beside = {
        one
        for one in range(len(words) - 1)
        for place in range(len(sequence) - 1)
        if (number(sequence[place]), number(sequence[place + 1])) == (one, one + 1)
    }
    wanted = Said(len(beside) / max(1, len(words) - 1), share(named), share(own[:OPENING]), math.log1p(len(sequence)))
    assert said(asked, " ".join(text), head, languages=both) == wanted


@pytest.mark.parametrize("question", ["", "?", "the", "…" * 500, "\x00", "a" * 10_000, "休暇は何日ですか"])
def test_any_question_has_finite_features(question: str) -> None:
    for text in "", "休暇は年に二十日です", "word " * 3000:
        assert all(0 <= value < 10 for value in said(question, text, "休暇"))
