from __future__ import annotations

import sys
from pathlib import Path

from db.embedded import EmbeddedServer
from db.embedded.status import ServerStatus
from tests.db.embedded.processes import CLIENT, QUICK, StartPython, leave, server_pid


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
