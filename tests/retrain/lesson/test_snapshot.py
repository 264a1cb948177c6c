"""What a night reads: of answers that explored, how likely each voted source was to be shown."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from bot.answering.exploration import choose_ranks
from db import schema
from db.answers import store_answer
from db.feedback import VoteEvent, read_said, record_vote
from db.question import Answer, Draft
from db.search import Hit
from retrain.lesson.snapshot import make_snapshot
from tests.corpus import ASKED, add_base_generation, add_document


@pytest.fixture
def hits(engine: sa.Engine) -> list[Hit]:
    """Nine documents by their best passages, and then nine further passages, of each document one."""
    add_base_generation(engine)
    decks = [add_document(engine, f"Deck {n}", [("", f"Deck {n} is open."), ("", f"Key {n}.")]) for n in range(9)]
    return [best for best, _ in decks] + [other for _, other in decks]


def answer(engine: sa.Engine, hits: list[Hit], share: float, key: str) -> tuple[Answer, list[int]]:
    """An answer of three sources, two candidates being irrelevant; and the chunks that lead, not the best of theirs."""
    choice = choose_ranks([1, 2, 3, 5, 6, 8, 9], 3, share, key)
    shown = [[hits[rank + 8].chunk_id, hits[rank - 1].chunk_id] for rank in choice.shown]
    draft = Draft(ASKED.text, (1,), 1, "quoted", "…", hits, shown, {}, choice.propensities)
    return store_answer(engine, replace(ASKED, event_id=key), draft), [lead for lead, _ in shown]


def vote(engine: sa.Engine, answered: Answer, press: int = 1) -> None:
    event = VoteEvent(
        f"vote {answered.question_id} {press}", "T1", "T1:U1", answered.question_id, answered.sources[-1].citation_id,
        "press", 1, Decimal(press),
    )  # fmt: skip
    record_vote(engine, event)


def test_only_answers_that_explored_are_told_of_with_the_number_that_was_drawn_from(
    engine: sa.Engine, hits: list[Hit]
) -> None:
    told = {}
    for number in range(20):
        answered, shown = answer(engine, hits, 0.5, f"Ev{number}")
        vote(engine, answered)
        if shown[-1] != hits[11].chunk_id:
            told[answered.question_id] = {shown[0]: 1.0, shown[1]: 1.0, shown[2]: 4.0}
    assert 0 < len(told) < 20
    assert make_snapshot(read_said(engine)).explored == told


def test_a_vote_is_on_the_passage_that_leads_and_tells_of_those_beside_it(engine: sa.Engine, hits: list[Hit]) -> None:
    answered, _ = answer(engine, hits, 0.0, "Ev1")
    vote(engine, answered)
    [judgement] = make_snapshot(read_said(engine)).judgements
    assert (judgement.chunk_id, judgement.beside) == (hits[11].chunk_id, (hits[2].chunk_id,))
    assert (judgement.rank, judgement.weight) == (3, 1.0)
    vote(engine, answered, press=2)
    assert make_snapshot(read_said(engine)).judgements == (), "what was taken back tells of none of them"


def test_a_source_whose_leading_passage_is_gone_teaches_nothing_and_one_beside_it_is_left_out(
    engine: sa.Engine, hits: list[Hit]
) -> None:
    first, second = (answer(engine, hits, 0.0, key)[0] for key in ("Ev1", "Ev2"))
    vote(engine, first)
    with engine.begin() as connection:
        connection.execute(sa.delete(schema.chunk).where(schema.chunk.c.id == hits[2].chunk_id))
    [judgement] = make_snapshot(read_said(engine)).judgements
    assert (judgement.chunk_id, judgement.beside) == (hits[11].chunk_id, ())
    vote(engine, second)
    with engine.begin() as connection:
        connection.execute(sa.delete(schema.chunk).where(schema.chunk.c.id == hits[11].chunk_id))
    assert make_snapshot(read_said(engine)).judgements == ()


def test_answers_without_votes_or_chance_are_not(engine: sa.Engine, hits: list[Hit]) -> None:
    answer(engine, hits, 1.0, "Ev1")
    for share, key in ((0.0, "Ev2"), (0.001, "Ev3")):
        vote(engine, answer(engine, hits, share, key)[0])
    assert make_snapshot(read_said(engine)).explored == {}


def test_a_source_whose_passage_is_gone_is_left_out(engine: sa.Engine, hits: list[Hit]) -> None:
    answered, shown = answer(engine, hits, 1.0, "Ev1")
    vote(engine, answered)
    with engine.begin() as connection:
        connection.execute(sa.delete(schema.chunk).where(schema.chunk.c.id == shown[0]))
    assert make_snapshot(read_said(engine)).explored == {answered.question_id: {shown[1]: 1.0, shown[2]: 4.0}}


def test_votes_on_passages_that_were_edited_or_went_are_told_of(engine: sa.Engine, hits: list[Hit]) -> None:
    answered, (first, second, third) = answer(engine, hits, 0.0, "Ev1")
    for number, source in enumerate(answered.sources):
        event = VoteEvent(f"{number}", "T1", "T1:U1", answered.question_id, source.citation_id, "press", 1, Decimal(1))
        record_vote(engine, event)
    assert make_snapshot(read_said(engine)).counts() == {"votes": 3, "pairs": 0}
    impression = schema.impression
    with engine.begin() as connection:
        edited = impression.update().where(impression.c.chunk_id == first)
        connection.execute(edited.values(chunk_id=second, nearness=0.7))
        connection.execute(schema.chunk.delete().where(schema.chunk.c.id == third))
    snapshot = make_snapshot(read_said(engine))
    assert [(own.chunk_id, own.nearness) for own in snapshot.judgements] == [(second, 0.7), (second, 1.0)]
    assert snapshot.counts() == {"votes": 2, "pairs": 0, "votes_on_edited": 1, "edited_words_kept": 70, "votes_lost": 1}
