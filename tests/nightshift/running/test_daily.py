"""What has been kept long enough goes once a day, and nights go on whatever becomes of that."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db import schema
from db.nights.requests import request_run
from db.nights.taking import take_next_run
from db.settings import Settings
from nightshift.running.daily import DAY_S, DailyPruning
from tests.corpus import add_answer


def questions(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(schema.question)) or 0


def age(engine: sa.Engine) -> None:
    add_answer(engine, 1)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE question SET asked_at = now() - interval '9 days', event_id = NULL"))
        connection.execute(sa.text("UPDATE document SET source_uri = gen_random_uuid()::text"))


def test_it_is_done_once_a_day_and_after_a_night(engine: sa.Engine) -> None:
    now = 0.0
    prune = DailyPruning(engine, Settings(keep_questions_days=8), lambda: now)
    age(engine)
    request_run(engine, "cli", "somebody")
    with take_next_run(engine):
        prune()
    assert questions(engine) == 1
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE retrain_run SET status = 'done'"))
    prune()
    assert questions(engine) == 0
    age(engine)
    prune()
    assert questions(engine) == 1
    now = DAY_S
    prune()
    assert questions(engine) == 0


def test_without_a_setting_nothing_is_asked_of_the_database() -> None:
    DailyPruning(sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/x"), Settings())()


def test_a_failure_is_told_once_and_keeps_nothing_waiting(caplog: pytest.LogCaptureFixture) -> None:
    away = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/x")
    prune = DailyPruning(away, Settings(keep_votes_days=8), lambda: 0.0)
    prune()
    prune()
    assert len(caplog.messages) == 1 and "tried tomorrow" in caplog.messages[0]
