"""Time that passes for nights alone."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from db.nights.passing_time import pass_time
from db.nights.requests import request_between_nights
from db.nights.runs import get_run, last_ranking_request
from db.nights.taking import finish_run, take_next_run
from db.nights.ticks import database_time


def test_what_runs_did_is_so_much_longer_ago(engine: sa.Engine) -> None:
    assert request_between_nights(engine, "the clock")
    with take_next_run(engine) as run:
        assert run is not None
        finish_run(engine, run, decision="refused", reasons=[])
    before = get_run(engine, run.id)
    month = timedelta(days=30)
    pass_time(engine, month)
    after = get_run(engine, run.id)
    assert before.started_at is not None
    assert before.finished_at is not None
    assert after.requested_at == before.requested_at - month
    assert after.started_at == before.started_at - month
    assert after.finished_at == before.finished_at - month
    asked_at = last_ranking_request(engine)
    assert asked_at is not None
    assert database_time(engine) - asked_at > month
