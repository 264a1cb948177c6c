"""What is overdue: a night without a sign of life, one that doesn't end, one that nobody began; and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.nights import overdue
from db.nights.overdue import find_overdue, why_overdue
from db.nights.requests import request_run
from db.nights.taking import take_next_run
from db.nights.ticks import request_scheduled_run
from db.schema import generation
from db.settings import Settings
from tests.night_rows import INSTANT, make_run, store_run
from tests.synthetic import make_generation

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
SETTINGS = Settings(data_dir=Path("unused"))
WITHIN = timedelta(hours=6)


def at(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("row", "about"),
    [
        ({"status": "running", "started_at": at(1), "beat_at": at(0.01)}, None),
        ({"status": "running", "started_at": at(1), "beat_at": at(0.1)}, "run 1 attempt 1 silent"),
        ({"status": "running", "started_at": at(7), "beat_at": at(0)}, "run 1 attempt 1 long"),
        ({"status": "running", "started_at": at(7), "beat_at": at(6.5)}, "run 1 attempt 1 silent"),
        # of a release that gave no signs of life
        ({"status": "running", "started_at": at(0.01), "beat_at": None}, None),
        ({"status": "running", "started_at": at(1), "beat_at": None}, "run 1 attempt 1 silent"),
        # due long ago, and caught up just now
        ({"status": "running", "due_at": at(20), "started_at": at(0.1), "beat_at": at(0)}, None),
        ({"status": "requested", "due_at": at(20), "requested_at": at(0.1)}, None),
        ({"status": "requested", "requested_at": at(7), "attempt": 0}, "run 1 attempt 0 waiting"),
    ],
)
def test_what_is_overdue(row: dict[str, Any], about: str | None) -> None:
    found = why_overdue(make_run(**row), NOW, WITHIN)
    assert (found and found.about) == about


def test_the_sentence_names_the_run_its_phase_and_its_process() -> None:
    run = make_run(status="running", phase="embed", started_at=at(3), beat_at=at(2), holder="process 7 on night-1")
    found = why_overdue(run, NOW, WITHIN)
    assert found is not None
    assert "run 1 (embed) since 2026-03-05 10:00 UTC. Process 7 on night-1 is frozen" in found.sentence


@pytest.fixture
def installed(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue, "database_time", lambda _engine: NOW)
    made = make_generation(engine)
    with engine.begin() as connection:
        connection.execute(generation.update().where(generation.c.id == made.id).values(created_at=at(60)))


def test_a_tick_that_nobody_met_is_told_after_hours(engine: sa.Engine, installed: None) -> None:
    found = find_overdue(engine, SETTINGS)
    assert found is not None
    assert found.about == "tick 2026-03-05T02:00:00+00:00"
    assert "The night of 2026-03-05 02:00 UTC was not begun" in found.sentence
    assert find_overdue(engine, SETTINGS.model_copy(update={"night_overdue_after_h": 30.0})) is not None
    assert find_overdue(engine, SETTINGS.model_copy(update={"night_overdue_after_h": 60.0})) is None


def test_a_tick_that_was_met_is_not(engine: sa.Engine, installed: None) -> None:
    store_run(engine, make_run(due_at=datetime(2026, 3, 5, 2, tzinfo=UTC)))
    assert find_overdue(engine, SETTINGS) is None


def test_a_fresh_store_owes_nothing(engine: sa.Engine) -> None:
    assert find_overdue(engine, SETTINGS) is None
    make_generation(engine)
    assert find_overdue(engine, SETTINGS) is None


def test_what_holds_up_the_others_is_told_and_not_they(engine: sa.Engine) -> None:
    request_scheduled_run(engine, "the clock", INSTANT)
    with take_next_run(engine) as run:
        assert run is not None
        request_run(engine, "cli", "test")
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE retrain_run SET requested_at = now() - interval '9 hours'"))
        assert find_overdue(engine, SETTINGS) is None
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE retrain_run SET beat_at = now() - interval '9 hours'"))
        found = find_overdue(engine, SETTINGS)
    assert found is not None and found.about == f"run {run.id} attempt 1 silent"
