"""A document has one open review at most, and whoever settles it first has settled it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import UnknownIdError
from db.feedback.reviews import CitedDocument, cited_document, load_review, open_review, settle_review, withdraw_review
from tests.corpus import add_answer, add_document


@pytest.fixture
def document_id(engine: sa.Engine) -> int:
    return add_document(engine, "Paid leave", [("", "28 days.")], uri="file:///leave.md")[0].document_id


def test_the_document_of_a_source(engine: sa.Engine) -> None:
    answer = add_answer(engine, 2)
    source = answer.sources[1]
    with engine.begin() as connection:
        document_id = connection.scalar(sa.select(schema.document.c.id).where(schema.document.c.title == source.title))
        connection.execute(schema.document.update().values(front_matter={"url": "https://wiki.example/x"}))
    found = CitedDocument(document_id or 0, source.title, "https://wiki.example/x", 1, answer.question_id)
    assert cited_document(engine, source.citation_id) == found
    with engine.begin() as connection:
        connection.execute(schema.chunk.delete().where(schema.chunk.c.text == source.lead.text))
    for gone in (source.citation_id, "nowhere"):
        with pytest.raises(UnknownIdError):
            cited_document(engine, gone)


def test_however_many_report_a_document_one_review_is_open(engine: sa.Engine, document_id: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda number: open_review(engine, document_id, f"T1:U{number}"), range(8)))
    [review] = [one for one in opened if one is not None]
    assert (review.title, review.uri, review.state) == ("Paid leave", "file:///leave.md", "open")
    settle_review(engine, review.id, "T1:U1", "still_right")
    assert open_review(engine, document_id, "T1:U2") is not None


def test_a_review_is_settled_once(engine: sa.Engine, document_id: int) -> None:
    review = open_review(engine, document_id, "T1:U2")
    assert review is not None
    assert settle_review(engine, review.id, "T1:U1", "will_fix").settled_by == "T1:U1"
    late = settle_review(engine, review.id, "T1:U9", "still_right")
    assert late == load_review(engine, review.id)
    assert (late.state, late.settled_by) == ("will_fix", "T1:U1")
    withdraw_review(engine, review.id)
    assert load_review(engine, review.id).state == "will_fix"


def test_a_review_that_nobody_was_told_of_is_withdrawn(engine: sa.Engine, document_id: int) -> None:
    review = open_review(engine, document_id, "T1:U2")
    assert review is not None
    withdraw_review(engine, review.id)
    with pytest.raises(UnknownIdError):
        load_review(engine, review.id)
    with pytest.raises(UnknownIdError):
        settle_review(engine, review.id, "T1:U1", "will_fix")
