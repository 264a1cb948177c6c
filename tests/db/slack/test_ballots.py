"""The address of a person's one message: used as often as Slack allows, by whichever process, and no longer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from db.schema import ballot
from db.slack.ballots import USES, VALID_FOR_S, keep_ballot, prune_ballots, use_ballot

PERSON = "T1:U0ANN"


def age(engine: sa.Engine, seconds: int) -> None:
    earlier = ballot.c.given_at - sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    with engine.begin() as connection:
        connection.execute(sa.update(ballot).values(given_at=earlier))


def rows(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(ballot)) or 0)


def test_an_address_is_given_out_as_often_as_it_can_be_used(engine: sa.Engine) -> None:
    keep_ballot(engine, PERSON, 1, "https://slack/1")
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: use_ballot(engine, PERSON, 1), range(8)))
    assert sorted(filter(None, given)) == ["https://slack/1"] * USES


def test_a_newer_address_takes_its_place(engine: sa.Engine) -> None:
    for number in (1, 2):
        keep_ballot(engine, PERSON, 1, f"https://slack/{number}")
        for _ in range(USES):
            assert use_ballot(engine, PERSON, 1) == f"https://slack/{number}"
    assert use_ballot(engine, PERSON, 1) is None


def test_it_is_one_person_s_and_of_one_answer(engine: sa.Engine) -> None:
    keep_ballot(engine, PERSON, 1, "https://slack/1")
    assert use_ballot(engine, "T1:U0BEN", 1) is None and use_ballot(engine, PERSON, 2) is None
    with engine.connect() as connection:
        assert PERSON not in str(connection.execute(sa.select(ballot)).all())


def test_an_old_address_is_not_used_and_then_forgotten(engine: sa.Engine) -> None:
    keep_ballot(engine, PERSON, 1, "https://slack/1")
    age(engine, VALID_FOR_S - 60)
    prune_ballots(engine)
    assert use_ballot(engine, PERSON, 1)
    age(engine, 120)
    assert use_ballot(engine, PERSON, 1) is None
    prune_ballots(engine)
    assert rows(engine) == 0
