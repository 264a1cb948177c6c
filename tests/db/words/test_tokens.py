from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.words.tokens import _RUN, LONGEST, Tokenizer, _fold, _split, _unite, tokenizer_of

STOP = Path(__file__).parents[3] / "db" / "words" / "stop"
ENGLISH = Tokenizer(["english"])
PIECES = st.sampled_from([*"  \n\t\u00a0\u2009\u200b\u3000\u00ad\x1f\u0301¨-./:@#+'’_,;()"])
WORDS = st.sampled_from("The der Verträge of PROJ 1234 c prod 休暇は 水 हिन्दी ß İ ﬁ".split())
WRITTEN = st.lists(PIECES | WORDS | st.text(max_size=3), max_size=40).map("".join)
"""Texts with all that joins words and parts them."""


def lexemes(text: str, *languages: str) -> list[str]:
    return list(Tokenizer(languages or ["english"]).count(text).times)


def test_words_are_folded_stemmed_and_counted_without_stop_words() -> None:
    counted = ENGLISH.count("The Parrots' parrot doesn't need a PERMIT; permits are for travelling.")
    assert counted.times == {"parrot": 2, "doesn": 1, "need": 1, "permit": 2, "travel": 1}
    assert counted.length == 7


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PROJ-1234", ["proj", "1234", "proj-1234"]),
        ("v2.5", ["v2", "5", "v2.5"]),
        ("ERR_CONN_RESET", ["err", "conn", "reset", "err_conn_reset"]),
        ("Node.js", ["node", "js", "node.js"]),
        ("3.11.4", ["3", "11", "4", "3.11.4"]),
        ("2024-05-01", ["2024", "05", "01", "2024-05-01"]),
        ("ann@example.com", ["ann", "exampl", "com", "ann@example.com"]),
        ("C++", ["c", "c++"]),
        ("C#", ["c", "c#"]),
        ("db/words/tokens.py", ["db", "word", "token", "py", "tokens.py"]),
        ("localhost:8080", ["localhost", "8080", "localhost:8080"]),
    ],
)
def test_an_identifier_is_found_whole_and_in_parts(text: str, found: list[str]) -> None:
    for written in (text, f"See {text}.", f"({text})", f"“{text}”, é"):
        assert set(found) <= set(lexemes(written)), written
    assert lexemes(text) == found
    assert [form for (form,) in ENGLISH.forms(text)] == found


@pytest.mark.parametrize("text", ["state-of-the-art", "and/or", "COVID-19", "tel.", "--force", "#general", "what?"])
def test_what_is_no_identifier_is_not_kept_whole(text: str) -> None:
    assert not [lexeme for lexeme in lexemes(text) if not lexeme.isalnum()]


def test_an_identifier_is_as_long_as_its_parts() -> None:
    assert ENGLISH.count("PROJ-1234 fails").length == 3


def test_scripts_without_spaces_are_taken_by_pairs() -> None:
    assert lexemes("東京都の天気") == ["東京", "京都", "都の", "の天", "天気"]
    assert lexemes("PROJ-1234の状態/v2.5を") == ["proj", "1234", "proj-1234", "の状", "状態", "v2", "5", "v2.5", "を"]
    assert lexemes("水") == ["水"]
    assert lexemes("iPhoneの価格は500円") == ["iphon", "の価", "価格", "格は", "500", "円"]
    assert lexemes("휴가신청") == ["휴가", "가신", "신청"]


def test_marks_belong_to_the_words_that_they_are_written_on() -> None:
    assert len(lexemes("हिन्दी किताब", "hindi")) == 2


def test_what_looks_alike_is_alike() -> None:
    assert lexemes("ﬁle") == lexemes("file") == lexemes("ＦＩＬＥ") == lexemes("fi\u00adle")
    assert lexemes("cafe\u0301") == lexemes("café")


@pytest.mark.parametrize("text", ["", " \n\t", "?!… — ()", "🎉🎉", "the of and", "\u200b\u00ad"])
def test_nothing_to_be_found_by_is_nothing(text: str) -> None:
    counted = ENGLISH.count(text)
    assert (counted.times, counted.length) == ({}, 0)
    assert ENGLISH.forms(text) == []


def test_one_word_many_times_and_many_words() -> None:
    assert ENGLISH.count("parrot " * 100_000).times == {"parrot": 100_000}
    many = ENGLISH.count(" ".join(f"w{number}" for number in range(100_000)))
    assert len(many.times) == many.length == 100_000


def test_a_long_word_is_cut_so_that_it_can_be_stored() -> None:
    assert lexemes("x" * 100_000) == ["x" * LONGEST]
    assert all(len(lexeme) <= LONGEST for lexeme in lexemes("a1_" * 1000))


def test_a_passage_is_in_the_language_whose_stop_words_it_has_most_of() -> None:
    both = Tokenizer(["english", "german"])
    assert set(both.count("Die Verträge sind in der Mappe").times) == {"vertrag", "mapp"}
    assert set(both.count("What is in the contracts of the houses?").times) == {"contract", "hous"}
    assert set(both.count("houses").times) == {"hous"}, "the first of those that tie"


def test_a_question_has_the_forms_of_every_language_and_no_stop_words_of_its_own() -> None:
    both = Tokenizer(["english", "german"])
    assert both.forms("who won the war") == [("won",), ("war",)]
    assert both.forms("wo sind die Verträge") == [("verträg", "vertrag")]
    assert both.forms("PROJ-1234 PROJ-1234")[-1] == ("proj-1234",)


def test_words_that_share_a_form_are_one() -> None:
    both = Tokenizer(["english", "german"])
    assert both.forms("Verträge Parkplatz Vertrag Verträgen") == [
        ("verträg", "vertrag", "verträgen"),
        ("parkplatz",),
    ]
    assert _unite([("a", "b"), (), ("c", "d"), ("e",), ("d", "b")]) == [("a", "b", "d", "c"), ("e",)]


def test_languages_without_a_list_have_stems_alone() -> None:
    assert lexemes("domy i koty", "polish")


@given(st.text(max_size=200))
def test_a_question_of_a_passage_s_own_words_finds_it(text: str) -> None:
    counted = ENGLISH.count(text)
    assert [form for (form,) in ENGLISH.forms(text)] == list(counted.times)
    assert all(0 < len(lexeme) <= LONGEST and "\0" not in lexeme for lexeme in counted.times)
    assert ENGLISH.count(text) == Tokenizer(["english"]).count(text), "whatever was met before"


@pytest.mark.parametrize("languages", [("english",), ("english", "german")])
@given(text=WRITTEN)
def test_a_text_taken_token_by_token_has_the_words_of_the_whole(languages: tuple[str, ...], text: str) -> None:
    runs = _RUN.findall(_fold(text))
    alone = [Tokenizer([name])._languages[0] for name in languages]
    language = max(alone, key=lambda own: sum(run in own.stop_words for run in runs))
    wanted = [lexeme for run in runs for word in _split(run) for lexeme in language.lexemes_of(word)]
    assert tokenizer_of(languages).sequences(text) == [wanted]
    assert tokenizer_of(languages).count(text).times == Counter(wanted)


def test_threads_share_a_tokenizer() -> None:
    texts = [f"travelling {number} running parrots relational{number % 7}" for number in range(2000)]
    alone = [Tokenizer(["english"]).count(text) for text in texts[:50]]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(tokenizer_of(("english",)).count, texts))[:50] == alone


def test_each_list_of_stop_words_is_of_a_language_that_has_stems() -> None:
    for path in STOP.glob("*.txt"):
        words = path.read_text("utf-8").split()
        assert len(words) > 50
        assert Tokenizer([path.stem]).count(" ".join(words)).length == 0
    assert len(list(STOP.glob("*.txt"))) == 15
