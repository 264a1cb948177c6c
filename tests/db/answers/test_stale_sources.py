"""A cited document that may be outdated is told as that: by its days, people, a newer one; to its readers alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from db import schema
from db.answers import load_answer, past_questions, store_answer
from db.feedback import VoteEvent, open_review, record_vote, set_reason, settle_review
from db.question import Answer, Draft
from tests.corpus import ASKED, add_document
from tests.synthetic import add_audience

NEWER = "may be outdated: a newer document has the same name"
CALLED = "may be outdated: several people call it outdated"


@pytest.fixture
def answer(engine: sa.Engine, draft: Draft) -> Answer:
    """Two sources, Parking and Bikes; all documents changed ten days ago."""
    made = store_answer(engine, ASKED, draft)
    _set(engine, changed_at=sa.text("now() - interval '10 days'"))
    return made


def _set(engine: sa.Engine, title: str | None = None, **values: object) -> None:
    changed = sa.update(schema.document).values(values)
    with engine.begin() as connection:
        connection.execute(changed if title is None else changed.where(schema.document.c.title == title))


def _told(engine: sa.Engine, answer: Answer, old_after_days: int = 0) -> list[str]:
    return [source.stale for source in load_answer(engine, answer.question_id, old_after_days=old_after_days).sources]


def _call_outdated(engine: sa.Engine, answer: Answer, user: str) -> None:
    person, citation_id = f"T1:{user}", answer.sources[1].citation_id
    record_vote(engine, VoteEvent(user, "T1", person, answer.question_id, citation_id, "press", -1, Decimal(1)))
    set_reason(engine, person, citation_id, "outdated")


def test_old_by_what_it_names_or_by_its_last_change(engine: sa.Engine, answer: Answer) -> None:
    assert _told(engine, answer, 11) == ["", ""]
    _set(engine, "Parking", front_matter={"created": "2019-01-01", "updated": "2021-03-04"})
    dated = "may be outdated: dated 2021-03-04"
    assert _told(engine, answer, 11) == [dated, ""]
    parking, bikes = _told(engine, answer, 5)
    assert parking == dated
    assert bikes.startswith("may be outdated: unchanged since 20")
    assert _told(engine, answer) == ["", ""]


def test_three_people_call_it_outdated_until_its_words_change(engine: sa.Engine, answer: Answer) -> None:
    _call_outdated(engine, answer, "U2")
    _call_outdated(engine, answer, "U3")
    assert _told(engine, answer) == ["", ""]
    _call_outdated(engine, answer, "U4")
    assert _told(engine, answer) == ["", CALLED]
    _set(engine, "Bikes", changed_at=sa.func.now())
    assert _told(engine, answer) == ["", ""]


def test_its_owner_says_that_it_is_still_right(engine: sa.Engine, answer: Answer) -> None:
    for user in ("U2", "U3", "U4"):
        _call_outdated(engine, answer, user)
    with engine.connect() as connection:
        wanted = sa.select(schema.document.c.id).where(schema.document.c.title == "Bikes")
        document_id = connection.execute(wanted).scalar_one()
    review = open_review(engine, document_id, "T1:U2")
    assert review is not None
    assert _told(engine, answer) == ["", CALLED]
    settle_review(engine, review.id, "T1:U9", "still_right")
    assert _told(engine, answer) == ["", ""]


def test_a_newer_one_by_its_name_is_told_only_to_who_may_see_it(engine: sa.Engine, answer: Answer) -> None:
    finance = add_audience(engine, "finance")
    add_document(engine, "PARKING", [("", "Deck 9 is open.")], uri="https://docs.example.com/new", audience_id=finance)
    assert _told(engine, answer) == ["", ""]
    _set(engine, "PARKING", audience_id=1)
    assert _told(engine, answer) == [NEWER, ""]
    _set(engine, "PARKING", deleted_at=sa.func.now())
    assert _told(engine, answer) == ["", ""]


def test_nothing_is_told_of_one_that_is_theirs_no_longer(engine: sa.Engine, answer: Answer) -> None:
    _set(engine, "Parking", front_matter={"date": "2021-03-04"})
    assert _told(engine, answer, 11) != ["", ""]
    _set(engine, "Parking", audience_id=add_audience(engine, "finance"))
    assert _told(engine, answer, 11) == ["", ""]


def test_app_home_tells_each_person_by_what_they_may_see(engine: sa.Engine, answer: Answer) -> None:
    finance = add_audience(engine, "finance")
    add_document(engine, "Parking", [("", "Deck 9 is open.")], uri="https://docs.example.com/new", audience_id=finance)

    def told() -> list[str]:
        [own] = past_questions(engine, ASKED.person, 1)
        return [source.stale for source in own.sources]

    assert told() == ["", ""]
    with engine.begin() as connection:
        member = {"audience_id": finance, "person": ASKED.person}
        connection.execute(schema.audience_member.insert().values(member))
    assert told() == [NEWER, ""]
    assert _told(engine, answer) == ["", ""], "the reply's readers aren't only that person"
