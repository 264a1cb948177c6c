"""What somebody has yet to hear of: stored a while ago, of a kind that concerns them, and not passed on."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from db.feedback.fold import VoteEvent
from db.feedback.reasons import GIVEN_UP_AFTER_S, LEFT_AFTER_S, left_reasons, note_passed_on
from db.feedback.said import GivenReason
from db.feedback.votes import record_vote, set_reason
from db.schema import vote_reason
from tests.corpus import ASKED, add_answer

KINDS = ("outdated",)


def give(engine: sa.Engine, reason: str, citation_id: str) -> GivenReason:
    set_reason(engine, ASKED.person, citation_id, reason)
    return GivenReason(ASKED.person, citation_id, reason)


def age(engine: sa.Engine, seconds: float) -> None:
    earlier = sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    with engine.begin() as connection:
        connection.execute(sa.update(vote_reason).values(given_at=earlier))


def voted_down(engine: sa.Engine) -> str:
    answer = add_answer(engine, 1, ASKED)
    citation_id = answer.sources[0].citation_id
    place = (ASKED.workspace, ASKED.person, answer.question_id, citation_id)
    record_vote(engine, VoteEvent("1", *place, "press", -1, Decimal(1)))
    return citation_id


def test_a_reason_is_left_until_it_is_passed_on(engine: sa.Engine) -> None:
    given = give(engine, "outdated", voted_down(engine))
    assert left_reasons(engine, KINDS) == []
    age(engine, LEFT_AFTER_S + 5)
    assert left_reasons(engine, KINDS) == [given] and left_reasons(engine, ("not_allowed",)) == []
    age(engine, GIVEN_UP_AFTER_S + 5)
    assert left_reasons(engine, KINDS) == []
    age(engine, LEFT_AFTER_S + 5)
    note_passed_on(engine, given)
    assert left_reasons(engine, KINDS) == []


def test_a_reason_given_meanwhile_is_left_too(engine: sa.Engine) -> None:
    citation_id = voted_down(engine)
    first = give(engine, "not_allowed", citation_id)
    second = give(engine, "outdated", citation_id)
    note_passed_on(engine, first)
    age(engine, LEFT_AFTER_S + 5)
    assert left_reasons(engine, KINDS) == [second]
