"""What people said, read as rows up to some bounds; what a night makes of it is tested there."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from db import schema
from db.answers import store_answer
from db.feedback.fold import VoteEvent
from db.feedback.said import Bounds, PairedChunk, ShownSource, read_said
from db.feedback.synthetic import store_questions
from db.feedback.votes import record_vote
from db.nights import note_trained
from db.nights.requests import request_run
from db.nights.taking import take_next_run
from db.question import Answer, Asked, Draft
from tests.corpus import ASKED, add_answer, add_base_generation, add_document
from tests.synthetic import add_chunks


def vote(engine: sa.Engine, answered: Answer, person: str = "T1:U1") -> None:
    citation_id = answered.sources[0].citation_id
    key = f"{answered.question_id} {person}"
    record_vote(engine, VoteEvent(key, "T1", person, answered.question_id, citation_id, "set", 1, Decimal(1)))


def ask(engine: sa.Engine, text: str, channel: str = "C1") -> Answer:
    return add_answer(engine, 2, Asked(text, "T1", channel, "public", "T1:U1", "1.5"))


def add_pair(engine: sa.Engine, prompt: str, answered: Answer, chunk_ids: list[int]) -> int:
    pair, link = schema.curated_pair, schema.curated_pair_chunk
    row = {"prompt": prompt, "completion": "…", "added_by": "test", "question_id": answered.question_id}
    with engine.begin() as connection:
        pair_id = int(connection.execute(pair.insert().values(row).returning(pair.c.id)).scalar_one())
        connection.execute(link.insert(), [{"pair_id": pair_id, "chunk_id": chunk_id} for chunk_id in chunk_ids])
    return pair_id


def test_a_store_in_which_nobody_said_anything_says_so(engine: sa.Engine) -> None:
    said = read_said(engine)
    assert said.bounds == Bounds(0, 0)
    assert not any((said.vote_events, said.reasons, said.questions, said.shown, said.drawn, said.pairs, said.trained))


def test_votes_come_with_their_questions_and_all_that_those_showed(engine: sa.Engine) -> None:
    ask(engine, "Does anybody vote on this?", "C2")
    answered, later = ask(engine, "Where is the car park?"), ask(engine, "Who has the key?", "C3")
    for one in (later, answered):
        vote(engine, one)
    said = read_said(engine)
    assert [event.question_id for event in said.vote_events] == [answered.question_id, later.question_id]
    assert [asked.text for asked in said.questions] == ["Where is the car park?", "Who has the key?"]
    shown = [(source.question_id, source.citation_id) for source in said.shown]
    assert shown == [(one.question_id, source.citation_id) for one in (answered, later) for source in one.sources]

    before = read_said(engine, Bounds(said.bounds.vote_event_id - 1, 0))
    assert [asked.text for asked in before.questions] == ["Who has the key?"]
    assert len(before.vote_events) == 1


def test_a_source_whose_passage_is_gone_is_there_without_it(engine: sa.Engine) -> None:
    answered = ask(engine, "Where is the car park?")
    vote(engine, answered)
    with engine.begin() as connection:
        connection.execute(sa.delete(schema.chunk))
    first, second = answered.sources
    assert read_said(engine).shown == (
        ShownSource(answered.question_id, first.citation_id, None, 1),
        ShownSource(answered.question_id, second.citation_id, None, 2),
    )


def test_a_source_comes_with_the_passages_beside_the_leading_one_and_its_document_s_rank(engine: sa.Engine) -> None:
    hits = [hit for name in ("A", "B") for hit in add_document(engine, name, [("", f"{n}") for n in range(3)])]
    ids = [hit.chunk_id for hit in hits]
    generation = add_base_generation(engine)
    shown = [[ids[4], ids[3]], [ids[2], ids[0], ids[1]]]
    hits.insert(3, add_document(engine, "C", [("", "between")])[0])
    chances = {1: 1.0, 4: 0.5, 5: 0.5}
    answered = store_answer(engine, ASKED, Draft("?", (1,), generation.id, "quoted", "…", hits, shown, {}, chances))
    vote(engine, answered)
    with engine.begin() as connection:
        connection.execute(sa.delete(schema.chunk).where(schema.chunk.c.id == ids[0]))
    first, second = answered.sources
    assert read_said(engine).shown == (
        ShownSource(answered.question_id, first.citation_id, ids[4], 3, (ids[3],)),
        ShownSource(answered.question_id, second.citation_id, ids[2], 1, (ids[1],)),
    )


def test_a_pair_comes_with_each_of_its_passages_and_whether_it_had_been_shown(engine: sa.Engine) -> None:
    answered = ask(engine, "Where is the car park?")
    vote(engine, answered)
    [shown, _] = (source.chunk_id for source in read_said(engine).shown)
    [(other, _)] = add_chunks(engine, 1)
    assert shown is not None
    pair_id = add_pair(engine, "Where may I park?", answered, [other, shown])
    add_pair(engine, "Who has the key?", answered, [other])
    said = read_said(engine, Bounds(0, pair_id))
    [first, second] = said.pairs
    assert first == PairedChunk(pair_id, "Where may I park?", first.added_at, shown, was_shown=True)
    assert second == PairedChunk(pair_id, "Where may I park?", first.added_at, other, was_shown=False)


def test_a_pair_on_another_passage_of_a_document_that_was_shown_had_been_shown(engine: sa.Engine) -> None:
    hits = add_document(engine, "Parking", [("", "Deck 1."), ("", "Deck 2.")])
    draft = Draft("?", (1,), add_base_generation(engine).id, "quoted", "…", hits, [[hits[0].chunk_id]], {})
    add_pair(engine, "Where?", store_answer(engine, ASKED, draft), [hits[1].chunk_id])
    [pair] = read_said(engine).pairs
    assert pair.was_shown


def test_written_questions_are_read_where_bounds_name_one_and_what_a_run_trained_on_itself_does_not_count(
    engine: sa.Engine,
) -> None:
    answered = ask(engine, "Where is the car park?")
    (first, _), (second, _) = add_chunks(engine, 2)
    store_questions(engine, {first: "Until when?"}, "test")
    store_questions(engine, {second: "From when?"}, "test")
    run_id = request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None
        note_trained(engine, run, {("question", answered.question_id): "where is the car park"})
    assert read_said(engine).synthetic == ()
    assert [own.chunk_id for own in read_said(engine, Bounds(0, 0, 1)).synthetic] == [first]
    assert [own.text for own in read_said(engine).trained] == ["where is the car park"]
    assert read_said(engine, apart_from=run_id).trained == ()
