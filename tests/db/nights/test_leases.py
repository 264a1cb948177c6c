"""A night's lease: signs of life are given while somebody has it, and tell who lost it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.errors import StaleRunError
from db.nights.leases import keep_beating, let_go, require_lease
from db.nights.requests import request_run
from db.nights.runs import get_run
from db.nights.taking import take_next_run


def test_signs_of_life_are_given_until_the_lease_is_lost(engine: sa.Engine) -> None:
    request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None and run.beat_at is not None and "process" in (run.holder or "")
        with keep_beating(engine, run.lease, every_s=0.01) as require:
            while get_run(engine, run.id).beat_at == run.beat_at:
                require()
            with engine.begin() as connection:
                let_go(connection)
            with pytest.raises(StaleRunError):
                while True:
                    require()


def test_a_lease_that_counts_no_longer_is_refused(engine: sa.Engine) -> None:
    request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None
        with engine.begin() as connection:
            require_lease(connection, run.lease)
            with pytest.raises(StaleRunError):
                require_lease(connection, (run.id, run.attempt + 1))
            let_go(connection)
            with pytest.raises(StaleRunError):
                require_lease(connection, run.lease)
