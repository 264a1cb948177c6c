"""Votes that go to another store are votes there, once, however often they come; bad lines are named."""

from __future__ import annotations

import hashlib
import time
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from db import schema
from db.feedback import VoteEvent, import_votes, read_said, read_vote_rows, record_vote, set_reason
from db.privacy import erase_person, is_known
from db.question import Asked
from tests.corpus import add_answer, add_base_generation, add_document

NOW = "2026-03-05T02:00:00+00:00"
ROW: dict[str, Any] = {
    "question_id": "abc",
    "question": "Where is the car park?",
    "asked_at": NOW,
    "number": 1,
    "uri": "",
    "passage": "It is below the deck.",
    "value": 1,
    "on": "source",
    "reason": None,
    "person": "p1",
    "at": NOW,
}


BAD = [
    ({"question": ""}, '"question" is missing'),
    ({"question": 7}, '"question" is missing'),
    ({"passage": "…"}, '"passage" is missing or has no words'),
    ({"question_id": None}, '"question_id" is missing'),
    ({"person": None}, '"person" is missing'),
    ({"value": 0}, '"value" is neither'),
    ({"value": True}, '"value" is neither'),
    ({"value": "1"}, '"value" is neither'),
    ({"number": 0}, '"number" is no number'),
    ({"number": 1e9}, '"number" is no number'),
    ({"at": "yesterday"}, '"at" is no moment'),
    ({"at": "2026-03-05T02:00:00"}, '"at" has no time zone'),
    ({"asked_at": None}, '"asked_at" is no moment'),
    ({"on": "document"}, '"on" is neither'),
    ({"reason": "wrong_source"}, '"reason" is none of a down-vote'),
    ({"value": -1, "reason": "because"}, '"reason" is none'),
    ({"asked_at": "9999-12-31T23:59:59-10:00"}, '"asked_at" is before 1970 or still to come'),
    ({"asked_at": "0001-01-01T00:00:00+14:00"}, '"asked_at" is before 1970'),
    ({"at": "9999-12-31T23:59:59-10:00"}, '"at" is before 1970 or still to come'),
    ({"question_id": "x" * 9_000}, '"question_id" is longer than 200'),
    ({"person": "x" * 9_000}, '"person" is longer than 200'),
    ({"asked_by": "T1:" + "x" * 9_000}, '"asked_by" is longer than 200'),
    ({"asked_by": 7}, '"asked_by" is missing'),
    ({"question": "word " * 9_000}, '"question" is longer than 10,000'),
]


def test_a_bad_line_is_named_and_the_others_go_in(engine: sa.Engine) -> None:
    add_base_generation(engine)
    lines = [(number, ROW | change) for number, (change, _) in enumerate(BAD, start=1)]
    report = import_votes(engine, [*lines, (0, {}), (100, ROW)])
    assert report.added == 1
    assert [line for line, _ in report.malformed] == [*range(1, len(BAD) + 1), 0]
    for (_, said), (change, why) in zip(report.malformed, BAD, strict=False):
        assert why in said, change


def test_what_no_text_can_hold_harms_nothing(engine: sa.Engine) -> None:
    add_base_generation(engine)
    odd = {name: f"odd\ud800\0 {name}" for name in ("question_id", "question", "passage", "uri", "person", "asked_by")}
    assert import_votes(engine, [(1, ROW | odd), (2, ROW)]).added == 2
    assert len(read_said(engine).vote_events) == 2


def test_a_question_is_one_and_its_source_of_a_number_too(engine: sa.Engine) -> None:
    add_base_generation(engine)
    lines = [ROW, {"passage": "It is above the roof."}, {"question": "Who parks?"}, {"number": 2, "passage": "Above."}]
    report = import_votes(engine, [(number, ROW | line) for number, line in enumerate(lines, start=1)])
    assert report.added == 2
    assert [line for line, _ in report.malformed] == [2, 3]


def count(engine: sa.Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def ask_and_vote(engine: sa.Engine, person: str = "T1:U1", kind: str = "public") -> None:
    answer = add_answer(engine, 2, Asked(f"Where does {person} park?", "T1", "C" + kind, kind, person, "1.5"))  # type: ignore[arg-type]
    for number, value in ((0, 1), (1, -1)):
        citation_id = answer.sources[number].citation_id
        at = Decimal(f"{time.time():.6f}")
        record_vote(engine, VoteEvent(citation_id, "T1", person, answer.question_id, citation_id, "press", value, at))  # type: ignore[arg-type]
    set_reason(engine, person, answer.sources[1].citation_id, "wrong_source")


def test_they_are_learnt_from_as_they_were_said(engine: sa.Engine) -> None:
    add_base_generation(engine)
    [parking] = add_document(engine, "Decks", [("", "It is below the deck.")])
    down = ROW | {"number": 2, "passage": "Another one.", "value": -1, "reason": "wrong_source", "person": "p2"}
    report = import_votes(engine, enumerate([ROW, down], start=1))
    assert (report.added, report.known, report.waiting, report.malformed) == (2, 0, 1, [])
    said = read_said(engine)
    assert [asked.text for asked in said.questions] == ["Where is the car park?"]
    assert [(source.chunk_id, source.rank) for source in said.shown] == [(parking.chunk_id, 1), (None, 2)]
    assert [(event.person, event.value) for event in said.vote_events] == [("import:p1", 1), ("import:p2", -1)]
    assert [given.reason for given in said.reasons] == ["wrong_source"]


def test_one_that_waits_is_taken_up_when_its_passage_is_read_in(engine: sa.Engine) -> None:
    add_base_generation(engine)
    import_votes(engine, [(1, ROW)])
    with engine.connect() as connection:
        waiting = connection.scalars(sa.select(schema.impression.c.passage_hash)).one()
    assert bytes(waiting) == hashlib.sha256(ROW["passage"].encode()).digest()


def test_again_it_adds_nothing_and_neither_does_a_stores_own_export(engine: sa.Engine) -> None:
    ask_and_vote(engine)
    own = [row._asdict() for row in read_vote_rows(engine) if row is not None]
    assert len(own) == 2
    before = [count(engine, table) for table in (schema.question, schema.vote_event, schema.impression)]
    assert import_votes(engine, enumerate(own)).known == 2
    assert [count(engine, table) for table in (schema.question, schema.vote_event, schema.impression)] == before
    assert import_votes(engine, [(1, ROW)]).added == 1
    assert (import_votes(engine, [(1, ROW)]).known, count(engine, schema.vote_event)) == (1, 3)


def test_what_came_in_goes_out_by_the_ids_it_had(engine: sa.Engine) -> None:
    add_base_generation(engine)
    add_document(engine, "Decks", [("", "It is below the deck.")])
    import_votes(engine, [(1, ROW)])
    assert [row for row in read_vote_rows(engine) if row] == []  # nobody was asked whether it may be told
    [row] = [row for row in read_vote_rows(engine, private=True) if row]
    assert {name: row._asdict()[name] for name in ROW if name != "uri"} == {n: v for n, v in ROW.items() if n != "uri"}


def test_nothing_private_and_no_name_goes_out_unless_it_is_asked_for(engine: sa.Engine) -> None:
    ask_and_vote(engine, "T1:U1")
    ask_and_vote(engine, "T1:U2", "direct")
    rows = list(read_vote_rows(engine))
    assert [row is None for row in rows] == [False, False, True, True]
    assert not [row for row in rows if row and ("U1" in row.person or row.asked_by)]
    assert len({row.person for row in rows if row}) == 1
    assert rows == list(read_vote_rows(engine))  # made-up names are the same each time
    named = list(read_vote_rows(engine, private=True, names=True))
    assert [row.person for row in named if row] == ["T1:U1", "T1:U1", "T1:U2", "T1:U2"]
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO audience (workspace, kind, name) VALUES ('T1', 'channel', 'few')"))
        audience = connection.scalar(sa.select(sa.func.max(schema.audience.c.id)))
        connection.execute(sa.update(schema.document).values(audience_id=audience))
    assert {*read_vote_rows(engine)} == {None}


def test_who_is_named_can_be_erased(engine: sa.Engine) -> None:
    add_base_generation(engine)
    import_votes(engine, [(1, ROW | {"person": "T1:U7", "asked_by": "T1:U8"})])
    assert is_known(engine, "T1:U7") and is_known(engine, "T1:U8")
    erase_person(engine, "T1:U8")
    assert count(engine, schema.question) == count(engine, schema.vote) == 0


def test_a_vote_on_a_whole_answer_is_one(engine: sa.Engine) -> None:
    add_base_generation(engine)
    rows = [ROW | {"on": "answer", "number": number, "passage": f"Passage {number}."} for number in (1, 2)]
    report = import_votes(engine, enumerate(rows))
    assert (report.added, report.known) == (1, 1)
    with engine.connect() as connection:
        weights = connection.scalars(sa.select(schema.vote.c.weight)).all()
    assert weights == [pytest.approx(0.15)] * 2
