"""One source that takes long keeps no other waiting, and no source is synced twice at once."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from db.settings import Settings
from db.sources import StoredSource, add_source, note_outcome
from nightshift.running import due_sources
from nightshift.running.due_sources import AT_ONCE, DueSources
from tests.ranked_company import hashing_encoders

PATIENCE_S = 60.0


def test_sources_that_are_due_do_not_wait_for_one_that_is_slow(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["slow", *(f"fast {number}" for number in range(AT_ONCE + 1))]
    for name in names:
        add_source(engine, name, "directory", {"path": str(tmp_path)}, 600)
    released, stopping, synced, done = threading.Event(), threading.Event(), list[str](), threading.Semaphore(0)

    def sync(engine: sa.Engine, _settings: Settings, _encoders: Any, stored: StoredSource, _: Any) -> None:
        synced.append(stored.name)
        if stored.name == "slow":
            assert released.wait(PATIENCE_S)
        note_outcome(engine, stored.id, {})
        done.release()

    monkeypatch.setattr(due_sources, "sync_due", sync)
    due = DueSources(engine, Settings(data_dir=tmp_path), hashing_encoders(), stopping)
    for _ in range(len(names)):
        assert due.start_next()
    for _ in range(len(names) - 1):
        assert done.acquire(timeout=PATIENCE_S)
    assert sorted(synced) == sorted(names) and not due.start_next()
    released.set()
    due.wait(PATIENCE_S)
    assert len(synced) == len(names)


def test_no_more_than_a_few_are_synced_at_once(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(AT_ONCE + 1):
        add_source(engine, f"slow {number}", "directory", {"path": str(tmp_path)}, 600)
    released, stopping = threading.Event(), threading.Event()
    monkeypatch.setattr(due_sources, "sync_due", lambda *_: released.wait(PATIENCE_S))
    due = DueSources(engine, Settings(data_dir=tmp_path), hashing_encoders(), stopping)
    assert all(due.start_next() for _ in range(AT_ONCE))
    stopping.set()
    assert not due.start_next()
    released.set()
    due.wait(PATIENCE_S)


def test_one_whose_end_cannot_be_noted_is_not_synced_all_the_time(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_source(engine, "docs", "directory", {"path": str(tmp_path)}, 600)
    monkeypatch.setattr(due_sources, "sync_due", lambda *_: None)
    due = DueSources(engine, Settings(data_dir=tmp_path), hashing_encoders(), threading.Event())
    assert due.start_next()
    due.wait(PATIENCE_S)
    assert not due.start_next()
    monkeypatch.setattr(due_sources, "time", SimpleNamespace(monotonic=lambda: float("inf")))
    assert due.start_next()
    due.wait(PATIENCE_S)
