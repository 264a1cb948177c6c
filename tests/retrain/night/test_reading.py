"""Whatever one attempt read, the next one reads."""

from __future__ import annotations

import sqlalchemy as sa

from db.nights.requests import request_run
from db.nights.runs import get_run
from db.nights.taking import take_next_run
from retrain.night.reading import find_snapshot, with_written


def test_that_questions_were_written_is_kept_with_what_was_read(engine: sa.Engine) -> None:
    request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None
        bounds, snapshot = find_snapshot(engine, run)
        assert bounds.synthetic_id is None
        assert find_snapshot(engine, get_run(engine, run.id)) == (bounds, snapshot)
        assert with_written(engine, run, bounds, snapshot) == snapshot  # there are none
        again, same = find_snapshot(engine, get_run(engine, run.id))
        assert (again.synthetic_id, same) == (0, snapshot)
