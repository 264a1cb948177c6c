"""Which runs are told of in Slack."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from db.slack import claim_reports
from tests.night_rows import make_ranking_run, make_run, store_run


def test_a_ranking_run_that_nobody_asked_for_and_that_came_to_nothing_is_no_news(engine: sa.Engine) -> None:
    now = {"finished_at": datetime.now(UTC)}
    told = [
        store_run(engine, make_run(decision="refused", trigger="schedule", **now)),
        store_run(engine, make_ranking_run(trigger="schedule", **now)),
        store_run(engine, make_ranking_run(trigger="schedule", decision="pending", **now)),
        store_run(engine, make_ranking_run(trigger="schedule", decision=None, status="failed", **now)),
        store_run(engine, make_ranking_run(trigger="cli", decision="refused", **now)),
    ]
    store_run(engine, make_ranking_run(trigger="schedule", decision="refused", **now))
    assert [claim.run_id for claim in claim_reports(engine, "C1")] == [run.id for run in told]
