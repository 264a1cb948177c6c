"""A phase is in the run's row from its beginning, and its facts from its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from db.nights.requests import request_run
from db.nights.runs import Run, get_run
from db.nights.taking import take_next_run
from retrain.night.phases import phase


@pytest.fixture
def run(engine: sa.Engine) -> Iterator[Run]:
    request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None
        yield run


def test_a_phase_is_marked_and_then_recorded_with_what_it_took(engine: sa.Engine, run: Run) -> None:
    told: list[tuple[str, int, int]] = []
    with phase(engine, run, "learn", lambda *now: told.append(now)) as facts:
        there = get_run(engine, run.id)
        assert (there.phase, there.phases) == ("learn", {})
        facts |= {"rows": 3}
    assert told == [("learn", 0, 0)]
    recorded = get_run(engine, run.id).phases["learn"]
    assert (recorded["rows"], recorded["seconds"] >= 0) == (3, True)


def test_what_an_earlier_attempt_did_keeps_its_own_seconds(engine: sa.Engine, run: Run) -> None:
    with phase(engine, run, "train", lambda *_: None) as facts:
        facts |= {"seconds": 99.0}
    assert get_run(engine, run.id).phases["train"]["seconds"] == 99.0


def test_a_phase_that_dies_is_not_recorded(engine: sa.Engine, run: Run) -> None:
    with pytest.raises(OSError, match="died"), phase(engine, run, "embed", lambda *_: None):
        raise OSError("died")
    there = get_run(engine, run.id)
    assert (there.phase, there.phases) == ("embed", {})
