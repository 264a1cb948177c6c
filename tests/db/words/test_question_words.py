"""What a question's words tell, counted from the stored words of what may be seen."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db import schema
from db.words import NamedThing, QuestionWords, UnknownWord, read_question_words, tokenizer_of, weigh_words
from tests.corpus import add_document

HOLDING = {"robot": 40, "leav": 3, "gantri": 1, "sofa": 1, "2.7": 0}
ENGLISH = ("english",)


def weigh(question: str, languages: tuple[str, ...] = ENGLISH) -> QuestionWords:
    return weigh_words(question, languages, 100, lambda lexeme: HOLDING.get(lexeme, 0))


def test_the_rarer_its_words_the_more_a_question_is_worth() -> None:
    assert weigh("how is it").worth == 0
    assert 0 < weigh("robots").worth < weigh("leave").worth < weigh("gantry").worth < 1
    assert weigh("leave for a robot").worth == pytest.approx(weigh("robots").worth + weigh("leave").worth)


def test_words_that_no_passage_has_are_unknown_as_they_were_typed() -> None:
    assert weigh("is there a dental plan for Robots").unknown == (
        UnknownWord("dental", "dental", names=False),
        UnknownWord("plan", "plan", names=False),
    )


def test_a_name_that_no_passage_has_names() -> None:
    assert UnknownWord("Siemens", "siemen", names=True) in weigh("does Siemens give leave").unknown
    assert UnknownWord("2.7", "2.7", names=True) in weigh("leave in 2.7").unknown


def test_amounts_and_fillers_are_not_missed() -> None:
    assert weigh("leave of 20 days or so, 3k").unknown == (UnknownWord("days", "day", names=False),)


def test_an_acronym_that_a_passage_has_is_known() -> None:
    assert weigh("SOFA").has_known_name
    assert not weigh("sofa").has_known_name
    assert not weigh("NASA").has_known_name


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("leave for a robot in Gantry", [("Gantry", ["gantri"])]),
        ("does it have SOFA 40", [("SOFA", ["sofa"]), ("SOFA 40", ["sofa", "40"])]),
        ("is GANTRY-40.2 or Siemens 40 out", [("GANTRY-40.2", ["gantri", "40", "2"]), ("GANTRY", ["gantri"])]),
        ("leave in 2.7", [("2.7", ["2", "7"])]),
        ("robot leave", []),
    ],
)
def test_things_that_passages_have_words_for_are_named(question: str, named: list[tuple[str, list[str]]]) -> None:
    holding = HOLDING | {"40": 2, "2": 1, "7": 1}
    told = weigh_words(question, ENGLISH, 100, lambda lexeme: holding.get(lexeme, 0)).named
    assert told == tuple(NamedThing(typed, tuple((lexeme,) for lexeme in lexemes)) for typed, lexemes in named)


def test_a_year_that_passages_have_makes_nothing_known() -> None:
    holding = {"2026": 50, "2": 9, "4": 9, "2.4": 1}.get
    assert not weigh_words("who wins in 2026", ENGLISH, 100, lambda lexeme: holding(lexeme, 0)).has_known_name
    assert weigh_words("issues of 2.4", ENGLISH, 100, lambda lexeme: holding(lexeme, 0)).has_known_name


@pytest.mark.parametrize(
    ("question", "passage", "language"),
    [
        ("VPNの設定は", "VPNの設定を説明します", "english"),
        ("有給休暇は20日ですか", "有給休暇は年に20日です", "english"),
        ("VPN은 어떻게 설정하나요", "VPN 설정 방법", "english"),
        ("PROJ-1234の状態は", "see PROJ-1234", "english"),
        ("バージョン2.5の状態", "バージョン2.5を", "english"),
        ("is the office in Zu\u0308rich", "the office in Zürich", "english"),
        ("is the office in Zü\u00adrich", "the office in Zürich", "english"),
        ("छुट्टी करना चाहिए", "छुट्टी करना चाहिए", "hindi"),
    ],
)
def test_nothing_is_missed_for_how_its_script_is_written(question: str, passage: str, language: str) -> None:
    held = tokenizer_of((language,)).count(passage).times
    assert weigh_words(question, (language,), 100, lambda lexeme: held.get(lexeme, 0)).unknown == ()


def test_a_word_is_known_in_any_of_the_languages() -> None:
    assert weigh("gantry", ("german", "english")).unknown == ()
    assert weigh("Urlaub", ("german", "english")).unknown == (UnknownWord("Urlaub", "urlaub", names=False),)


def test_what_nobody_may_see_is_unknown(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        secret = connection.scalar(
            schema.audience.insert().values(workspace="T1", kind="channel", name="C9").returning(schema.audience.c.id)
        )
    add_document(engine, "Leave", [("", "Everyone has 28 days of leave.")])
    add_document(engine, "Dental plan", [("", "The dental plan pays half.")], audience_id=secret or 0)
    [public], [everything] = (read_question_words(engine, ["a dental plan"], ("english",), ids) for ids in ([1], None))
    assert [word.typed for word in public.unknown] == ["dental", "plan"]
    assert everything.unknown == () and public.worth == 0 < everything.worth


def test_nothing_is_known_where_there_is_nothing(engine: sa.Engine) -> None:
    assert read_question_words(engine, ["leave", "?"], ("english",), None)[1] == QuestionWords(0.0)
    assert read_question_words(engine, [], ("english",), None) == []
