"""An answer is stored in one piece, and once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from db import schema
from db.answers.questions import load_answer
from db.answers.storing import _question_of_event, store_answer
from db.corpus import GONE_TITLE
from db.errors import UnknownIdError
from db.question import Answer, Draft
from tests.corpus import ASKED
from tests.db.embedded.processes import wait_for


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


def test_a_question_that_was_erased_while_it_was_answered_once_more_says_so(engine: sa.Engine) -> None:
    with engine.connect() as connection, pytest.raises(UnknownIdError, match="was erased while"):
        _question_of_event(connection, "Ev1")
