"""A golden set that grows one by one, and by whom people may say what is right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import BadInputError, UnknownIdError, VoteRefusedError
from db.feedback.golden import (
    AddedPair,
    add_cited_source,
    add_golden_pair,
    add_right_document,
    find_right_document,
    list_golden_pairs,
)
from db.feedback.pairs import export_pairs, relink_pairs
from db.question import Asked
from tests.corpus import ASKED, add_answer, add_base_generation, add_document, embed, encoders
from tests.synthetic import add_audience

LEAVE = [
    ("How much", "Everyone has 28 days of paid leave a year, whatever their contract says."),
    ("Parents", "Parents of newborn children stay at home for 16 weeks, fully paid."),
]


@pytest.fixture
def corpus(engine: sa.Engine) -> sa.Engine:
    """Leave and parking for everyone, salaries for one channel."""
    add_base_generation(engine)
    embed(
        engine, add_document(engine, "Paid leave", LEAVE) + add_document(engine, "Parking", [("", "Use the garage.")])
    )
    hidden = add_audience(engine, "C9")
    embed(engine, add_document(engine, "Salaries", [("", "Secret.")], audience_id=hidden), audience_id=hidden)
    return engine


def add_named(engine: sa.Engine, question_id: int, person: str, name: str) -> AddedPair:
    return add_right_document(engine, encoders(), find_right_document(engine, question_id, person, name))


def linked_texts(engine: sa.Engine) -> list[str]:
    query = sa.select(schema.chunk.c.text).join(schema.curated_pair_chunk).order_by(schema.chunk.c.id)
    with engine.connect() as connection:
        return list(connection.scalars(query))


def test_the_nearest_passage_of_the_right_document_is_taken(corpus: sa.Engine) -> None:
    added = add_golden_pair(corpus, encoders(), "We had a baby, how long may I be off?", "paid LEAVE", "Ada")
    assert (added.title, added.is_new) == ("Paid leave", True)
    assert linked_texts(corpus) == [LEAVE[1][1]]
    [pair] = list_golden_pairs(corpus)
    assert (pair.id, pair.added_by, pair.question_id, pair.is_private) == (added.pair_id, "Ada", None, False)
    assert [title for _, title in pair.documents] == ["Paid leave"]
    assert relink_pairs(corpus) == 0
    assert linked_texts(corpus) == [LEAVE[1][1]]


def test_adding_it_again_changes_nothing(corpus: sa.Engine) -> None:
    uri = "https://docs.example.com/paid-leave"
    first, again = (add_golden_pair(corpus, encoders(), "How much leave?", name, "Ada") for name in (uri, "Paid leave"))
    assert again == replace(first, is_new=False)
    assert len(list_golden_pairs(corpus)) == len(linked_texts(corpus)) == 1


def test_the_passage_can_be_named_by_its_words(corpus: sa.Engine) -> None:
    add_golden_pair(corpus, encoders(), "How much leave?", "Paid leave", "Ada", "stay at home for 16 weeks, fully paid")
    assert linked_texts(corpus) == [LEAVE[1][1]]


def test_a_question_has_words(corpus: sa.Engine) -> None:
    with pytest.raises(BadInputError, match="no words"):
        add_golden_pair(corpus, encoders(), " ?! ", "Paid leave", "Ada")


def test_a_cited_source_can_be_marked_as_the_right_one(corpus: sa.Engine) -> None:
    answered = add_answer(corpus, 3)
    source = answered.sources[1]
    add_cited_source(corpus, answered.question_id, source.citation_id, "Ada")
    [pair] = list_golden_pairs(corpus)
    assert (pair.prompt, pair.question_id, pair.is_private) == (ASKED.text, answered.question_id, False)
    assert linked_texts(corpus) == [source.lead.text]
    with pytest.raises(UnknownIdError, match="no source"):
        add_cited_source(corpus, answered.question_id + 1, source.citation_id, "Ada")
    with corpus.begin() as connection:
        connection.execute(schema.chunk.delete().where(schema.chunk.c.text == source.lead.text))
    assert list_golden_pairs(corpus)[0].documents == ()
    with pytest.raises(UnknownIdError, match="gone"):
        add_cited_source(corpus, answered.question_id, source.citation_id, "Ada")


def test_a_person_names_the_right_document(corpus: sa.Engine) -> None:
    answered = add_answer(corpus, 1, replace(ASKED, text="How many weeks do new parents get?"))
    add_named(corpus, answered.question_id, "T1:U2", "Paid leave")
    [pair] = list_golden_pairs(corpus)
    assert (pair.added_by, pair.question_id) == ("T1:U2", answered.question_id)
    assert linked_texts(corpus) == [LEAVE[1][1]]


def test_a_document_that_could_not_be_shown_there_is_not_known(corpus: sa.Engine) -> None:
    answered = add_answer(corpus, 1)
    for name in ("Salaries", "Salary"):
        with pytest.raises(UnknownIdError, match="whole") as raised:
            add_named(corpus, answered.question_id, "T1:U1", name)
        assert "Salaries" not in str(raised.value)
    assert list_golden_pairs(corpus) == []


@pytest.mark.parametrize(
    ("asked", "person"),
    [
        (ASKED, "T2:U1"),
        (replace(ASKED, channel="D1", channel_kind="direct"), "T1:U2"),
        (replace(ASKED, thread_ts=None), "T1:U2"),
    ],
)
def test_who_was_not_in_the_audience_has_no_say(corpus: sa.Engine, asked: Asked, person: str) -> None:
    answered = add_answer(corpus, 1, asked)
    with pytest.raises(VoteRefusedError):
        add_named(corpus, answered.question_id, person, "Paid leave")
    assert list_golden_pairs(corpus) == []


def test_what_could_be_shown_then_and_may_not_be_now_is_not_known(corpus: sa.Engine) -> None:
    answered = add_answer(corpus, 1, replace(ASKED, channel="D1", channel_kind="direct"))
    with corpus.begin() as connection:  # Ann was in the group of the salaries when she asked, and left it
        salaries = sa.select(schema.document.c.audience_id).where(schema.document.c.title == "Salaries")
        group = connection.scalar(salaries)
        connection.execute(schema.question.update().values(audience_ids=[1, group]))
    for name in ("Salaries", "Salaries of all"):
        with pytest.raises(UnknownIdError) as raised:
            add_named(corpus, answered.question_id, "T1:U1", name)
        assert "Salaries" not in str(raised.value)


@pytest.mark.parametrize("where", [{"channel": "D1", "channel_kind": "direct"}, {"thread_ts": None}], ids=str)
def test_a_private_question_stays_private_and_goes_with_its_question(corpus: sa.Engine, where: dict[str, Any]) -> None:
    answered = add_answer(corpus, 1, replace(ASKED, **where))
    add_named(corpus, answered.question_id, "T1:U1", "Paid leave")
    add_golden_pair(corpus, encoders(), "Where to park?", "Parking", "Ada")
    assert [pair.is_private for pair in list_golden_pairs(corpus)] == [True, False]
    assert [pair["prompt"] for pair in export_pairs(corpus)] == ["Where to park?"]
    with corpus.begin() as connection:
        connection.execute(schema.question.delete())
    assert [pair.prompt for pair in list_golden_pairs(corpus)] == ["Where to park?"]
