"""Questions of the last hour are counted, by person and by channel, and say when there is room again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pytest
import sqlalchemy as sa

from db import schema
from db.slack.quotas import asked_by, asked_in, waits_s
from tests.corpus import add_base_generation

ANNA = "T1:U0ANNA"


def ask(engine: sa.Engine, minutes_ago: list[float], person: str = ANNA, channel: str = "C1") -> None:
    """Stores questions that were asked so long ago."""
    rows = [
        {
            "workspace": "T1",
            "channel": channel,
            "channel_kind": "public",
            "person": person,
            "raw_text": "Where?",
            "audience_ids": [1],
            "generation_id": 1,
            "asked_at": sa.func.now() - timedelta(minutes=minutes),
        }
        for minutes in minutes_ago
    ]
    with engine.begin() as connection:
        for row in rows:
            connection.execute(schema.question.insert().values(row))


@pytest.fixture
def engine(engine: sa.Engine) -> sa.Engine:
    """With a generation that may have answered."""
    assert add_base_generation(engine).id == 1
    return engine


def person_waits_s(
    engine: sa.Engine, workspace: str, person: str, an_hour: int, under_way: Collection[str] = (), asking: str = ""
) -> float:
    return waits_s(asked_by(engine, workspace, person, an_hour + 1), an_hour, under_way, asking)


def channel_waits_s(
    engine: sa.Engine, workspace: str, channel: str, an_hour: int, under_way: Collection[str] = (), asking: str = ""
) -> float:
    return waits_s(asked_in(engine, workspace, channel, an_hour + 1), an_hour, under_way, asking)


def test_below_the_quota_nobody_waits(engine: sa.Engine) -> None:
    ask(engine, [5, 61, 120])
    assert person_waits_s(engine, "T1", ANNA, 2) == 0


def test_at_the_quota_one_waits_until_the_first_of_them_is_an_hour_old(engine: sa.Engine) -> None:
    ask(engine, [5, 50, 20])
    assert person_waits_s(engine, "T1", ANNA, 3) == pytest.approx(10 * 60, abs=30)
    assert person_waits_s(engine, "T1", ANNA, 2) == pytest.approx(40 * 60, abs=30)
    assert person_waits_s(engine, "T1", ANNA, 4) == 0


def test_what_is_under_way_counts_once_whether_it_is_stored_or_not(engine: sa.Engine) -> None:
    ask(engine, [5, 50])
    with engine.begin() as connection:
        newest = sa.select(sa.func.max(schema.question.c.asked_at)).scalar_subquery()
        connection.execute(schema.question.update().where(schema.question.c.asked_at == newest).values(event_id="e1"))
    assert person_waits_s(engine, "T1", ANNA, 3, ["e1"]) == 0
    assert person_waits_s(engine, "T1", ANNA, 3, ["e1", "e2"]) == pytest.approx(10 * 60, abs=30)
    assert person_waits_s(engine, "T1", ANNA, 2, ["e1", "e2"]) == 3600
    assert channel_waits_s(engine, "T1", "C1", 3, ["e2"]) == pytest.approx(10 * 60, abs=30)


def test_a_question_that_is_taken_up_again_does_not_count_against_itself(engine: sa.Engine) -> None:
    ask(engine, [5])
    with engine.begin() as connection:
        connection.execute(schema.question.update().values(event_id="e1"))
    assert person_waits_s(engine, "T1", ANNA, 1) > 0
    assert person_waits_s(engine, "T1", ANNA, 1, asking="e1") == channel_waits_s(engine, "T1", "C1", 1, (), "e1") == 0


def test_people_and_channels_are_counted_apart(engine: sa.Engine) -> None:
    ask(engine, [5, 6], channel="C1")
    ask(engine, [7], person="T1:U0BERT", channel="C1")
    ask(engine, [8], channel="C2")
    assert person_waits_s(engine, "T1", ANNA, 3) > 0 and person_waits_s(engine, "T1", "T1:U0BERT", 2) == 0
    assert channel_waits_s(engine, "T1", "C1", 3) > 0 and channel_waits_s(engine, "T1", "C2", 2) == 0
    assert person_waits_s(engine, "T2", ANNA, 1) == channel_waits_s(engine, "T2", "C1", 1) == 0
