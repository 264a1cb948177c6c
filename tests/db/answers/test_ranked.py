"""What a ranking could order again: lists as they were found, with their features."""

from __future__ import annotations

import sqlalchemy as sa

from db.answers import Ranked, read_ranked, store_answer
from db.question import Asked, Draft
from db.schema import impression
from db.search import copy_of
from tests.hits import hit
from tests.synthetic import add_chunks, make_generation

ASKED = Asked("how long?", "T1", "C1", "public", "T1:U1")


def store(engine: sa.Engine, generation_id: int, shown: list[list[int]]) -> int:
    hits = [hit(2, "two", words=0.5, coverage=1.0, pairs=0.25, length=1.5), hit(1, "one", in_title=0.5, in_opening=0.2)]
    draft = Draft("how long?", [1], generation_id, "quoted", "…", hits, shown, {"total": 1.0})
    return store_answer(engine, ASKED, draft).question_id


def test_lists_are_read_back_in_their_order_with_their_features(engine: sa.Engine) -> None:
    made = make_generation(engine)
    add_chunks(engine, 2)
    question = store(engine, made.id, [[1]])
    store(engine, made.id, [])
    [(known, listed)] = read_ranked(engine, [question, 999]).items()
    assert known == question
    assert [(own.chunk_id, own.shown) for own in listed] == [(2, False), (1, True)]
    assert listed[0].features == (0.9, 0.5, 1.0, 0.25, 0.0, 0.0, 1.5)
    assert listed[1].features == (0.9, 0.0, 0.0, 0.0, 0.5, 0.2, 0.0)
    assert all(own.document_id is not None for own in listed)
    assert isinstance(listed[0], Ranked) and listed[0].copy != listed[1].copy
    assert read_ranked(engine, []) == {}


def test_lists_of_before_features_were_kept_are_left_out(engine: sa.Engine) -> None:
    made = make_generation(engine)
    add_chunks(engine, 2)
    question = store(engine, made.id, [[1]])
    with engine.begin() as connection:
        connection.execute(impression.update().where(impression.c.chunk_id == 2).values(pairs=None))
    assert [own.chunk_id for own in read_ranked(engine, [question])[question]] == [1]
    with engine.begin() as connection:
        connection.execute(impression.update().values(pairs=None))
    assert read_ranked(engine, [question]) == {}


def test_what_is_gone_is_left_out_as_nobody_can_tell_what_it_was_of(engine: sa.Engine) -> None:
    made = make_generation(engine)
    add_chunks(engine, 2)
    question = store(engine, made.id, [[1]])
    with engine.begin() as connection:
        connection.execute(impression.update().where(impression.c.chunk_id == 2).values(chunk_id=None))
    assert [own.chunk_id for own in read_ranked(engine, [question])[question]] == [1]


def test_a_passage_is_known_by_its_words_of_now_and_its_text_is_read_once(engine: sa.Engine) -> None:
    made = make_generation(engine)
    add_chunks(engine, 2)
    questions = [store(engine, made.id, [[1]]) for _ in range(3)]
    read: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        read.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    listed = read_ranked(engine, questions)
    assert [[own.copy for own in listed[question]] for question in questions] == [
        [copy_of("Passage 2"), copy_of("Passage 1")]
    ] * 3
    with_texts = [statement for statement in read if "chunk.text" in statement]
    assert len(with_texts) == 1 and "impression" not in with_texts[0]
