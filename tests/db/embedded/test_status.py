from __future__ import annotations

import sys
from pathlib import Path

import pytest

from db.embedded import EmbeddedServer
from db.embedded.status import ServerStatus
from tests.db.embedded.processes import CLIENT, QUICK, StartPython, leave, server_pid, stalled


def test_looking_makes_and_starts_nothing(tmp_path: Path, server_home: Path) -> None:
    nothing = EmbeddedServer.status(tmp_path / "none")
    assert nothing == ServerStatus(
        running=False, pid=None, version=None, clients=0, home=tmp_path / "none", size_bytes=0
    )
    assert list(tmp_path.iterdir()) == []
    assert not EmbeddedServer.stop(tmp_path / "none")
    made = EmbeddedServer.status(server_home)
    assert (made.running, made.pid, made.version, made.clients) == (False, None, "18", 0)
    assert made.size_bytes > 20_000_000


def test_a_running_server_tells_its_version_and_clients(server_home: Path, start_python: StartPython) -> None:
    EmbeddedServer.attach(server_home, settings=QUICK)
    other = start_python(CLIENT, server_home)
    pid = server_pid(other)
    status = EmbeddedServer.status(server_home)
    assert (status.running, status.pid, status.home) == (True, pid, server_home)
    assert status.version is not None
    assert status.version.startswith("18.")
    if sys.platform == "linux":
        assert status.clients == 2
        leave(other)
        assert EmbeddedServer.status(server_home).clients == 1


def test_of_a_server_that_says_nothing_or_lets_nobody_in_the_files_tell_the_version(server_home: Path) -> None:
    EmbeddedServer.attach(server_home, settings=QUICK)
    with stalled(server_home):
        status = EmbeddedServer.status(server_home)
    assert (status.running, status.version) == (True, "18")
    password = server_home / "password"
    right = password.read_text()
    password.write_text("wrong")
    status = EmbeddedServer.status(server_home)
    assert (status.running, status.version) == (True, "18")
    password.write_text(right)


def test_where_the_system_does_not_show_locks_nobody_is_counted(
    server_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    EmbeddedServer.attach(server_home, settings=QUICK).detach()
    monkeypatch.setattr("db.embedded.status.KERNEL_LOCKS", tmp_path / "none")
    assert EmbeddedServer.status(server_home).clients is None
