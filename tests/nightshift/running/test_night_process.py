"""The night process follows people beside its nights: woken by a request, stopped when told to."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.errors import NightBusyError
from db.generations import decisions_about, request_decision
from db.nights.requests import request_run
from db.nights.taking import take_next_run
from db.settings import Settings
from db.sources import add_source, find_source
from db.store import Wait
from nightshift.running.night_process import _follow_people, _follow_sources, _run_next, _stop_with_parent
from retrain.night import schedule
from tests.corpus import add_base_generation, encoders
from tests.ranked_company import hashing_encoders
from tests.synthetic import make_generation, serve
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


def test_a_source_that_is_due_is_synced_beside_the_nights(engine: sa.Engine, tmp_path: Path) -> None:
    serve(engine, make_generation(engine))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "leave.md").write_text("# Leave\n\nTwenty-eight days.\n")
    add_source(engine, "docs", "directory", {"path": str(tmp_path / "docs")}, 600)
    stopping = threading.Event()
    settings = Settings(data_dir=tmp_path)
    follower = threading.Thread(target=_follow_sources, args=(engine, settings, hashing_encoders(), stopping))
    follower.start()
    try:
        while find_source(engine, "docs").synced_at is None:
            follower.join(0.05)
            assert follower.is_alive()
    finally:
        stopping.set()
        follower.join(20)
    assert not follower.is_alive()
    assert find_source(engine, "docs").documents == 1


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


def test_it_ends_when_whoever_started_it_is_gone_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[object] = []
    says = [b"something\n", b""]

    def read(descriptor: int, _most: int) -> bytes:
        happened.append(descriptor)
        return says.pop(0)

    monkeypatch.setattr("os.read", read)
    monkeypatch.setattr("os.kill", lambda *ended: happened.append(ended))
    _stop_with_parent()
    assert happened == [0, 0, (os.getpid(), signal.SIGTERM)]
