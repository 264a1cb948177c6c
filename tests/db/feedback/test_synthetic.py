"""Which passages lack a question, and keeping what was written for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from db import schema
from db.answers import store_answer
from db.feedback.fold import VoteEvent
from db.feedback.synthetic import (
    choose_unasked,
    count_questions_since,
    newest_question_id,
    read_questions,
    store_questions,
)
from db.feedback.votes import record_vote
from db.question import Draft
from tests.corpus import ASKED, add_base_generation, add_document
from tests.synthetic import add_audience, add_chunks

TEXT = "Deck {} of the garage is open until ten in the evening."


def add_decks(engine: sa.Engine, title: str, n: int, audience_id: int = 1) -> list[int]:
    sections = [("Garage", TEXT.format(number)) for number in range(n)]
    return [hit.chunk_id for hit in add_document(engine, title, sections, audience_id=audience_id)]


def test_passages_are_as_they_are_encoded_whoever_may_see_them(engine: sa.Engine) -> None:
    [hidden] = add_decks(engine, "Parking", 1, add_audience(engine, "C9"))
    assert choose_unasked(engine, 9, seed="0") == {hidden: f"Parking. Garage. {TEXT.format(0)}"}


def test_what_people_spoke_of_what_has_one_what_is_short_and_what_is_gone_is_left_out(engine: sa.Engine) -> None:
    add_base_generation(engine)
    hits = add_document(engine, "Parking", [("", TEXT.format(number)) for number in range(5)])
    voted, shown, paired, written, free = (hit.chunk_id for hit in hits)
    add_chunks(engine, 1)  # "Passage 1" is too short
    [gone] = add_decks(engine, "Old", 1)
    draft = Draft(ASKED.text, (1,), 1, "quoted", "…", hits[:2], [[voted], [shown]], {})
    answer = store_answer(engine, ASKED, draft)
    citation_id = next(source.citation_id for source in answer.sources if source.lead.text == hits[0].text)
    record_vote(engine, VoteEvent("v", "T1", "T1:U1", answer.question_id, citation_id, "press", -1, Decimal(1)))
    with engine.begin() as connection:
        pair = {"prompt": "Which?", "completion": TEXT.format(2), "added_by": "test"}
        connection.execute(schema.curated_pair.insert().values(pair))
        connection.execute(schema.curated_pair_chunk.insert().values(pair_id=1, chunk_id=paired))
        old = sa.select(schema.chunk.c.document_id).where(schema.chunk.c.id == gone).scalar_subquery()
        connection.execute(schema.document.update().where(schema.document.c.id == old).values(deleted_at=sa.func.now()))
    store_questions(engine, {written: "Until when?"}, "test")

    assert choose_unasked(engine, 9, seed="0").keys() == {shown, free}


def test_documents_take_turns_and_the_seed_draws(engine: sa.Engine) -> None:
    document_of = {chunk_id: name for name in ("A", "B", "C") for chunk_id in add_decks(engine, name, 6)}
    chosen = list(choose_unasked(engine, 18, seed="0"))
    for turn in range(0, 18, 3):
        assert {document_of[chunk_id] for chunk_id in chosen[turn : turn + 3]} == {"A", "B", "C"}
    assert list(choose_unasked(engine, 7, seed="0")) == chosen[:7]
    assert list(choose_unasked(engine, 18, seed="1")) != chosen


def test_questions_are_kept_once_and_go_with_their_passage(engine: sa.Engine) -> None:
    first, second = add_decks(engine, "Parking", 2)
    began = datetime.now(UTC) - timedelta(minutes=1)
    assert newest_question_id(engine) == 0
    assert store_questions(engine, {second: "How late?", first: "Until when?", 999: "Who?"}, "test") == 2
    assert store_questions(engine, {first: "Until when?", 999: "Who?"}, "test") == 0
    assert store_questions(engine, {}, "test") == 0
    assert count_questions_since(engine, began) == 2
    assert count_questions_since(engine, datetime.now(UTC) + timedelta(minutes=1)) == 0
    newest = newest_question_id(engine)
    with engine.begin() as connection:
        assert [(q.chunk_id, q.text) for q in read_questions(connection, newest)] == [
            (first, "Until when?"),
            (second, "How late?"),
        ]
        assert [q.chunk_id for q in read_questions(connection, newest - 1)] in ([], [first])
        connection.execute(schema.chunk.delete().where(schema.chunk.c.id == first))
        assert [q.chunk_id for q in read_questions(connection, newest)] == [second]
