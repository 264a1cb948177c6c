"""An answer is stored in one piece and read back as it was given."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import pytest
import sqlalchemy as sa

from db import schema
from db.answers.questions import (
    FALLBACK_NOTE,
    answer_to_event,
    load_answer,
    question_of_citation,
    question_of_message,
    remember_message,
    store_answer,
)
from db.corpus import GONE_TITLE
from db.errors import UnknownIdError
from db.question import Answer, Draft, answer_from_facts
from tests.corpus import ASKED, add_answer, add_base_generation, add_document
from tests.db.embedded.processes import wait_for


@pytest.fixture
def draft(engine: sa.Engine) -> Draft:
    """Six candidates: the first source has the first and the third, led by that, the second source the fifth."""
    generation = add_base_generation(engine)
    hits = add_document(engine, "Parking", [("Garage", f"Deck {number} is open.") for number in range(4)])
    hits += add_document(engine, "Bikes", [("", "Racks are at the door."), ("", "Helmets are in the hall.")])
    return Draft(
        searched_text=ASKED.text,
        audience_ids=(schema.PUBLIC_AUDIENCE_ID,),
        generation_id=generation.id,
        kind="generated",
        text="Deck 2 [1], racks [2].",
        hits=hits,
        shown=[[hits[2].chunk_id, hits[0].chunk_id], [hits[4].chunk_id]],
        timings_ms={"llm": 12.5, "total": 20.0},
    )


def texts(answer: Answer) -> list[list[str]]:
    return [[passage.text for passage in source.passages] for source in answer.sources]


def count(engine: sa.Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_every_candidate_is_an_impression_and_the_shown_are_cited(engine: sa.Engine, draft: Draft) -> None:
    answer = store_answer(engine, ASKED, draft)
    assert [source.number for source in answer.sources] == [1, 2]
    assert texts(answer) == [["Deck 2 is open.", "Deck 0 is open."], ["Racks are at the door."]]
    assert (answer.sources[0].lead.section, answer.sources[0].lead.similarity) == ("Garage", 0.88)
    assert answer.sources[0].uri == "https://docs.example.com/parking"
    assert all(len(source.citation_id) == 10 and source.citation_id.islower() for source in answer.sources)
    impression = schema.impression.c
    wanted = sa.select(impression.rank, impression.chunk_id, impression.shown, impression.source_number)
    wanted = wanted.add_columns(impression.chunk_text_hash).order_by(impression.rank)
    with engine.connect() as connection:
        stored = [tuple(row) for row in connection.execute(wanted)]
    numbers = [1, None, 1, None, 2, None]
    assert stored == [
        (rank, hit.chunk_id, number is not None, number, hit.text_hash)
        for rank, (hit, number) in enumerate(zip(draft.hits, numbers, strict=True), start=1)
    ]


def test_it_reads_back_as_it_was_given(engine: sa.Engine, draft: Draft) -> None:
    answer = store_answer(engine, replace(ASKED, event_id="Ev1"), draft)
    assert load_answer(engine, answer.question_id) == answer
    assert answer_to_event(engine, "Ev1") == answer
    assert answer_to_event(engine, "Ev2") is None
    assert answer.note is None
    assert answer.timings_ms == {"llm": 12.5, "total": 20.0}


def test_quotes_after_a_language_model_failed_say_so(engine: sa.Engine, draft: Draft) -> None:
    assert store_answer(engine, ASKED, replace(draft, kind="quoted")).note == FALLBACK_NOTE
    assert store_answer(engine, ASKED, replace(draft, kind="quoted", timings_ms={"quote": 3.0})).note is None


def test_one_event_is_one_question_even_at_once(engine: sa.Engine, draft: Draft) -> None:
    asked = replace(ASKED, event_id="Ev1")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: store_answer(engine, asked, draft), range(8)))
    assert len({answer.question_id for answer in answers}) == 1
    assert all(answer == answers[0] for answer in answers)
    assert (count(engine, schema.question), count(engine, schema.citation)) == (1, 2)


def test_a_chunk_that_went_meanwhile_is_kept_as_gone(engine: sa.Engine, draft: Draft) -> None:
    of_first, of_second = draft.shown
    with engine.begin() as connection:
        connection.execute(schema.chunk.delete().where(schema.chunk.c.id.in_([of_first[1], of_second[0]])))
    answer = store_answer(engine, ASKED, draft)
    assert texts(answer) == [["Deck 2 is open."], [""]]
    assert [source.title for source in answer.sources] == ["Parking", GONE_TITLE]
    with engine.begin() as connection:
        connection.execute(schema.document.delete())
    later = load_answer(engine, answer.question_id)
    assert [(source.number, source.uri) for source in later.sources] == [(1, ""), (2, "")]
    assert [source.citation_id for source in later.sources] == [source.citation_id for source in answer.sources]


def test_it_survives_being_facts(engine: sa.Engine, draft: Draft) -> None:
    answer = store_answer(engine, ASKED, draft)
    assert answer_from_facts(json.loads(json.dumps(asdict(answer)))) == answer


def test_an_answer_that_waits_for_a_passage_keeps_none_after_it_from_a_change(engine: sa.Engine, draft: Draft) -> None:
    first, *_, last = (schema.chunk.c.id == hit.chunk_id for hit in draft.hits)
    lock = sa.select(schema.chunk.c.id).with_for_update(nowait=True)
    waits = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
    with engine.begin() as connection:
        connection.execute(schema.chunk.update().where(first).values(section="written last"))
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as change:
            change.execute(lock.where(first))
            stored = pool.submit(store_answer, engine, ASKED, draft)
            wait_for(lambda: stored.done() or change.scalar(waits) == 1, "the answer to wait")
            change.execute(lock.where(last))
        assert len(stored.result().sources) == 2


def test_nothing_half_done(engine: sa.Engine, draft: Draft) -> None:
    unknown_chunk = replace(draft, shown=[[10**9]])
    with pytest.raises(KeyError):
        store_answer(engine, ASKED, unknown_chunk)
    assert (count(engine, schema.question), count(engine, schema.impression)) == (0, 0)


def test_messages_and_citations_lead_to_their_question(engine: sa.Engine) -> None:
    answer = add_answer(engine, 1)
    for _ in range(2):
        remember_message(engine, "T1", "C1", "17.000001", answer.question_id)
    assert question_of_message(engine, "T1", "C1", "17.000001") == answer.question_id
    assert question_of_message(engine, "T1", "C2", "17.000001") is None
    assert question_of_citation(engine, answer.sources[0].citation_id) == answer.question_id
    with pytest.raises(UnknownIdError):
        question_of_citation(engine, "nowhere")
    with pytest.raises(UnknownIdError):
        load_answer(engine, 10**9)
