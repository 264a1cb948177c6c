"""Asking as a process: the contenders do what they say, alone and beside a running one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.speed.ask import _run, running, starters
from db.errors import NightshiftError
from nightshift.running.beside import SOCKET


def test_each_does_what_it_is_timed_for(database_url: str, tmp_path: Path) -> None:
    own = {"DATA_DIR": str(tmp_path / "home"), "DATABASE_URL": database_url, "ENCODER_DTYPE": "float32"}
    environment = os.environ | {f"NIGHTSHIFT_{name}": value for name, value in own.items()}
    (tmp_path / "home").mkdir()
    (tmp_path / "leave.md").write_text("# Leave\n\nIn Ireland parental leave is 26 weeks for each parent.\n")
    start = starters(environment)
    _run(environment, "-m", "nightshift", "ingest", str(tmp_path / "leave.md"))
    with running(environment):
        assert (tmp_path / "home" / SOCKET).is_socket()
        assert "26 weeks" in start["ask"]()
        assert "Usage" in start["help"]()
    assert not (tmp_path / "home" / SOCKET).exists()


def test_what_failed_is_not_timed() -> None:
    with pytest.raises(NightshiftError, match="no-such-command"):
        _run(os.environ, "-m", "nightshift", "no-such-command")
