from __future__ import annotations

import os
import pwd
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from db.embedded import EmbeddedServer
from db.embedded.file_lock import FileLock
from db.embedded.home import Home, find_home
from db.embedded.process import _works_here
from db.errors import EmbeddedServerError
from tests.db.embedded.processes import (
    CLIENT,
    ENDLESS,
    QUICK,
    Process,
    StartPython,
    busy_backend,
    connect,
    kill_hard,
    kill_postmaster,
    leave,
    processes_of,
    wait_for,
)


@pytest.fixture
def innocent(server_home: Path, homes: Path) -> Iterator[psutil.Process]:
    """A process of the server's own account that is called postgres, and works somewhere else."""
    program = homes / "postgres"
    program.symlink_to("/bin/sleep")
    owner = pwd.getpwuid(server_home.stat().st_uid)
    identity = {"user": owner.pw_uid} if os.geteuid() == 0 else {}
    with subprocess.Popen([program, "600"], cwd="/", **identity) as process:  # type: ignore[call-overload]
        yield psutil.Process(process.pid)
        process.kill()
    program.unlink()


def test_a_reused_pid_stops_neither_the_innocent_process_nor_the_start(
    server_home: Path, innocent: psutil.Process
) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    kill_hard(server_home)
    _write_pid(server_home, innocent.pid)
    assert not EmbeddedServer.status(server_home).running
    assert EmbeddedServer.attach(server_home) is server
    assert EmbeddedServer.status(server_home).pid != innocent.pid
    with connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert innocent.status() == psutil.STATUS_SLEEPING


def test_a_reused_pid_is_not_signalled_by_a_stop(server_home: Path, innocent: psutil.Process) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    _write_pid(server_home, innocent.pid)
    server.detach()
    assert processes_of(server_home) == []
    assert innocent.status() == psutil.STATUS_SLEEPING


def test_a_server_that_was_started_by_hand_is_joined_and_its_orphans_are_ended(server_home: Path) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    EmbeddedServer.stop(server_home)
    by_hand = find_home(server_home)
    by_hand.run(by_hand.program("pg_ctl"), "start", "-w", "-D", "pgdata", "-l", "log/by-hand.log")
    postmaster = EmbeddedServer.status(server_home).pid
    assert postmaster is not None
    EmbeddedServer.attach(server_home)
    assert EmbeddedServer.status(server_home).pid == postmaster
    with busy_backend(server, ENDLESS) as backend:
        kill_postmaster(server_home)
        EmbeddedServer.attach(server_home)
        assert backend not in processes_of(server_home)
    with connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_crash_while_the_data_are_made_leaves_nothing_in_the_way(homes: Path, start_python: StartPython) -> None:
    home = homes / "crashed"
    witness = start_python(CLIENT, home)
    for process in initdb_of(witness):
        # One that its parent's death has already ended is as good as killed.
        with suppress(psutil.NoSuchProcess):
            process.kill()
    assert "couldn't be made" in witness.communicate(timeout=60)[1]
    assert not (home / "pgdata").exists()

    killed = start_python(CLIENT, home)
    frozen = initdb_of(killed)
    for process in frozen:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    killed.kill()
    killed.wait()
    try:
        # Whoever comes next waits for what still writes here.
        assert FileLock.try_acquire(home / "server.lock") is None
    finally:
        for process in frozen:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    survivor = EmbeddedServer.attach(home, settings=QUICK)
    assert list(home.glob("initdb.*")) == []
    with connect(survivor) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    survivor.detach()


def test_another_versions_data_are_left_alone(server_home: Path) -> None:
    (server_home / "pgdata" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedServerError, match=r"PostgreSQL 16.*PostgreSQL 18.*pg_upgrade"):
        EmbeddedServer.attach(server_home, settings=QUICK)


def test_a_server_that_does_not_start_says_why(server_home: Path) -> None:
    with pytest.raises(EmbeddedServerError, match=r"settings.conf.*contains errors.*log"):
        EmbeddedServer.attach(server_home, settings={"max_connectoins": "5"})
    EmbeddedServer.attach(server_home, settings=QUICK).detach()


def test_the_last_client_stops_it_although_a_query_runs(server_home: Path, start_python: StartPython) -> None:
    client = start_python(CLIENT, server_home)
    server = EmbeddedServer.attach(server_home)
    with busy_backend(server, b"SELECT pg_sleep(600)"):
        assert leave(client) == 0
        server.detach()
        assert processes_of(server_home) == []


def initdb_of(client: Process) -> list[psutil.Process]:
    """Wait for the client's initdb to be at work; it and the postgres that it has started."""

    def children() -> list[psutil.Process]:
        return psutil.Process(client.pid).children(recursive=True)

    def is_at_work() -> bool:
        with suppress(psutil.NoSuchProcess):  # one of its short-lived helpers
            return "postgres" in {child.name() for child in children()}
        return False

    wait_for(is_at_work, "initdb")
    return children()


def _write_pid(home: Path, pid: int) -> None:
    file = home / "pgdata" / "postmaster.pid"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([f"{pid}\n", *lines[1:]]))


@pytest.mark.parametrize(
    ("fails", "code", "sentence"),
    [("initdb", -signal.SIGILL, "needs a processor with AVX2"), ("--sync-only", 1, "didn't take the database's files")],
)
def test_data_that_can_not_be_made_leave_none_half_made(
    homes: Path, monkeypatch: pytest.MonkeyPatch, fails: str, code: int, sentence: str
) -> None:
    """A processor that is too old, a disk that fills up: neither is to be had here."""
    folder = homes / f"unmade{code}"
    run = Home.run

    def failing(self: Home, *command: str | Path, **how: Any) -> subprocess.CompletedProcess[str]:
        if any(str(part).endswith(fails) for part in command):
            return subprocess.CompletedProcess(command, code, "", "")
        return run(self, *command, **how)

    monkeypatch.setattr(Home, "run", failing)
    with pytest.raises(EmbeddedServerError, match=sentence):
        EmbeddedServer.attach(folder)
    assert not (folder / "pgdata").exists() and not EmbeddedServer.status(folder).running


def test_where_other_accounts_processes_may_not_be_looked_into_their_own_account_does(
    server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So root in a container still finds its server, and ends it."""
    EmbeddedServer.attach(server_home, settings=QUICK)

    def denied(process: psutil.Process) -> str:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "cwd", denied)
    status, home = EmbeddedServer.status(server_home), find_home(server_home)
    assert status.pid is not None
    if home.account is not None:
        assert _works_here(home, status.pid)
    assert not _works_here(Home(home.path), status.pid)
