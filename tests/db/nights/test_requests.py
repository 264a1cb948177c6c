"""Requests for runs: whose they are, and who joins them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from db.nights import Kind, get_run, list_runs, request_between_nights, request_or_join, request_scheduled_run
from db.nights.taking import take_next_run

TICK = datetime(2026, 3, 5, 2, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["night", "ranking"])
def test_a_run_of_the_clock_s_that_a_person_joins_is_theirs(engine: sa.Engine, kind: Kind) -> None:
    if kind == "night":
        assert request_scheduled_run(engine, "the clock", TICK)
    else:
        assert request_between_nights(engine, "the clock")
    run_id, is_own = request_or_join(engine, "slack", "T1:U1", kind)
    [run] = list_runs(engine)
    assert (run.id, is_own, run.kind) == (run_id, False, kind)
    assert (run.trigger, run.requested_by) == ("slack", "T1:U1")
    assert run.due_at == (TICK if kind == "night" else None)  # so that its tick gets no other
    request_or_join(engine, "cli", "ann", kind)
    assert get_run(engine, run_id).requested_by == "T1:U1"


def test_a_run_of_the_clock_s_that_has_begun_stays_the_clock_s(engine: sa.Engine) -> None:
    request_scheduled_run(engine, "the clock", TICK)
    with take_next_run(engine) as begun:
        assert begun is not None
        request_or_join(engine, "slack", "T1:U1")
        assert [(run.id == begun.id, run.trigger) for run in list_runs(engine)] == [
            (False, "slack"),
            (True, "schedule"),
        ]
