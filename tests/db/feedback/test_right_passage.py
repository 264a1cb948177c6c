"""A document is meant by its address or its whole title, and only among those that may be told of."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import BadInputError, EmptyCorpusError, UnknownIdError
from db.feedback.right_passage import find_document, nearest_passage, passage_with
from tests.corpus import add_base_generation, add_document, embed, encoders
from tests.synthetic import add_audience

LEAVE = [("How much", "Everyone has 28 days of paid leave."), ("Parents", "New parents stay at home for 16 weeks.")]


def test_it_goes_by_either_address_or_by_its_title_in_whatever_case(engine: sa.Engine) -> None:
    document_id = add_document(engine, "Paid leave", LEAVE, uri="file:///leave.md")[0].document_id
    with engine.begin() as connection:
        connection.execute(schema.document.update().values(front_matter={"url": "https://wiki.example/leave"}))
    for name in ("file:///leave.md", "https://wiki.example/leave", "https://wiki.example/leave#how", " paid LEAVE "):
        assert tuple(find_document(engine, name)) == (document_id, "Paid leave")
    for name in ("Paid", "%", ""):
        with pytest.raises(UnknownIdError, match="no document"):
            find_document(engine, name)


def test_titles_that_come_near_are_named_at_most_three_and_only_those_that_may_be_told_of(engine: sa.Engine) -> None:
    hidden = add_audience(engine, "C9")
    add_document(engine, "Paid leave of the board", [("", "Secret.")], audience_id=hidden)
    for title in ("Leave", "Unpaid leave", "Paid leave", "Leaving", "Parking"):
        add_document(engine, title, [("", "Text.")], uri=f"file:///{title}")
    with pytest.raises(UnknownIdError) as raised:
        find_document(engine, "what's our paid leave?", [1])
    said = str(raised.value)
    assert said.index("“Paid leave”") < said.index("“Leave”") and said.count("“") == 3
    assert "board" not in said and "Parking" not in said


def test_an_address_goes_before_a_title_and_a_title_of_two_is_neither(engine: sa.Engine) -> None:
    first, second = (add_document(engine, "Paid leave", LEAVE, uri=f"file:///{n}.md")[0].document_id for n in (1, 2))
    with pytest.raises(BadInputError, match="2 documents"):
        find_document(engine, "Paid leave")
    assert find_document(engine, "file:///2.md").id == second
    with engine.begin() as connection:
        connection.execute(
            schema.document.update().where(schema.document.c.id == second).values(deleted_at=sa.func.now())
        )
    assert find_document(engine, "Paid leave").id == first


def test_what_may_not_be_told_of_is_not_there(engine: sa.Engine) -> None:
    hidden = add_audience(engine, "C9")
    add_document(engine, "Salaries", [("", "Secret.")], audience_id=hidden)
    assert find_document(engine, "Salaries", [1, hidden]).title == "Salaries"
    with pytest.raises(UnknownIdError):
        find_document(engine, "Salaries", [1])


def test_the_nearest_passage_is_one_of_that_document(engine: sa.Engine) -> None:
    hits = add_document(engine, "Paid leave", LEAVE)
    found = find_document(engine, "Paid leave")
    with pytest.raises(EmptyCorpusError):
        nearest_passage(engine, encoders(), "anything", found.id)
    add_base_generation(engine)
    embed(engine, hits + add_document(engine, "Babies", [("", "We had a baby, how long may I be off?")]))
    found_ids, text = nearest_passage(engine, encoders(), "We had a baby, how long may I be off?", found.id)
    assert (found_ids, text) == ([hits[1].chunk_id], LEAVE[1][1])
    add_document(engine, "Empty", [])
    with pytest.raises(BadInputError, match="no passages"):
        nearest_passage(engine, encoders(), "anything", find_document(engine, "Empty").id)


def test_a_text_is_looked_for_in_that_document_only(engine: sa.Engine) -> None:
    hits = add_document(engine, "Paid leave", LEAVE)
    add_document(engine, "Parking", [("", "Use the garage.")])
    text = "new parents stay at home"
    assert passage_with(engine, text, find_document(engine, "Paid leave")) == ([hits[1].chunk_id], hits[1].text)
    with pytest.raises(BadInputError, match="not in that document"):
        passage_with(engine, text, find_document(engine, "Parking"))
