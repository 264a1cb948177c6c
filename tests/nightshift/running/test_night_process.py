"""The night process follows people beside its nights: woken by a request, stopped when told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.errors import NightBusyError
from db.generations import decisions_about, request_decision
from db.nights.runs import request_run, take_next_run
from db.settings import Settings
from db.store import Wait
from nightshift.running.night_process import _follow_people, _run_next
from retrain.night import schedule
from tests.corpus import add_base_generation, encoders
from tests.waiting_generation import add_waiting_generation


def test_a_request_is_carried_out_at_once(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    add_base_generation(engine)
    made, stopping, waits = add_waiting_generation(engine), threading.Event(), threading.Event()
    listening = schedule.listening

    @contextmanager
    def listening_and_telling(engine: sa.Engine) -> Iterator[Wait]:
        with listening(engine) as wait:

            def wait_and_tell(stopping: threading.Event, timeout_s: float) -> None:
                waits.set()
                wait(stopping, timeout_s)
                waits.clear()

            yield wait_and_tell

    monkeypatch.setattr(schedule, "listening", listening_and_telling)
    settings = Settings(data_dir=Path("unused"))
    follower = threading.Thread(target=_follow_people, args=(engine, settings, encoders(), stopping))
    follower.start()
    try:
        assert waits.wait(20)
        request_decision(engine, made, "reject", "T1:U1")
        while not (done := decisions_about(engine, made)[0].outcome):
            follower.join(0.05)
            assert follower.is_alive()
        assert done == f"Generation {made} is rejected."
    finally:
        stopping.set()
        follower.join(20)
    assert not follower.is_alive()


def test_who_has_to_wait_for_another_process_learns_that_it_is_overdue(engine: sa.Engine) -> None:
    add_base_generation(engine)
    request_run(engine, "cli", "test")
    settings = Settings(data_dir=Path("unused"))
    with take_next_run(engine):
        with pytest.raises(NightBusyError, match="^Another night is running.$"):
            _run_next(engine, settings, encoders())
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE retrain_run SET beat_at = now() - interval '1 hour'"))
        with pytest.raises(NightBusyError, match="no sign of life of run 1"):
            _run_next(engine, settings, encoders())
