"""What the nights changed for a person is told by asking their latest questions again, and by nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.answering.answer import Answerer
from bot.answering.changes import LOOKED_AT, changes_since
from db.answers import PastQuestion, past_questions
from db.generations import Generation, read_vectors, serving, update_generation, write_vectors
from db.generations.vectors import create_vector_table
from db.question import Asked
from db.schema import question
from db.settings import Settings
from db.store import raw_connection
from tests.corpus import add_base_generation, add_document, embed, encoders
from tests.synthetic import insert_generation, serve

PERSON = "T1:U1"
LEAVE, RUNBOOK = "Paid leave", "Staging runbook"


@pytest.fixture
async def past(engine: sa.Engine) -> PastQuestion:
    """A question that the base model answered by what is said of leave."""
    add_base_generation(engine)
    hits = add_document(engine, LEAVE, [("", "Everyone has 28 days of paid leave a year.")])
    hits += add_document(engine, RUNBOOK, [("", "Restart gantry with `gantryctl restart`.")])
    embed(engine, hits)
    asked = Asked("How many days of paid leave do we have?", "T1", "C1", "public", PERSON)
    await Answerer(engine, Settings(sources=1), encoders(), None).answer(asked)
    [past] = past_questions(engine, PERSON, 5)
    assert [source.title for source in past.sources] == [LEAVE]
    return past


def serve_another(engine: sa.Engine, *, turned_round: bool) -> Generation:
    """Puts one of the same model in service, by which each passage is where it was, or where the other one was."""
    base = serving(engine)
    stored = read_vectors(engine, base)
    vectors = stored.vectors[::-1] if turned_round else stored.vectors[:]
    with engine.begin() as connection:
        other = insert_generation(connection, base, status="built")
    with raw_connection(engine) as raw:
        create_vector_table(raw, other)
        rows = zip(stored.chunk_ids.tolist(), stored.audience_ids.tolist(), strict=True)
        write_vectors(raw, other, list(rows), vectors)
    serve(engine, other, base)
    return other


async def test_what_comes_up_by_now_and_what_does_not_is_told(engine: sa.Engine, past: PastQuestion) -> None:
    serve_another(engine, turned_round=True)
    asked_again, [change] = changes_since(engine, encoders(), PERSON, [past])
    assert (asked_again, change.question) == (1, past)
    assert ([source.title for source in change.dropped], change.titles_added) == ([LEAVE], (RUNBOOK,))
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(question)) == 1


async def test_a_question_that_finds_the_same_is_counted_and_no_change(engine: sa.Engine, past: PastQuestion) -> None:
    serve_another(engine, turned_round=False)
    assert changes_since(engine, encoders(), PERSON, [past]) == (1, [])


async def test_what_the_serving_generation_answered_is_not_asked_again(engine: sa.Engine, past: PastQuestion) -> None:
    assert changes_since(engine, encoders(), PERSON, [past]) == (0, [])


async def test_only_a_few_of_their_own_from_what_they_may_see_are_asked_again(
    engine: sa.Engine, past: PastQuestion
) -> None:
    serve_another(engine, turned_round=True)
    of_a_channel = replace(past, sources=(replace(past.sources[0], audience_id=99),))
    others = [of_a_channel, replace(past, is_own=False), replace(past, text=None), replace(past, sources=())]
    assert changes_since(engine, encoders(), PERSON, others) == (0, [])
    asked_again, changes = changes_since(engine, encoders(), PERSON, [past] * (LOOKED_AT + 2))
    assert asked_again == len(changes) == LOOKED_AT


async def test_a_question_that_would_be_refused_by_now_finds_nothing(engine: sa.Engine, past: PastQuestion) -> None:
    other = serve_another(engine, turned_round=True)
    with engine.begin() as connection:
        update_generation(connection, other.id, unrelated_nearness=9.0)
    _, [change] = changes_since(engine, encoders(), PERSON, [replace(past, text="Holidays?")])
    assert ([source.title for source in change.dropped], change.titles_added) == ([LEAVE], ())
