"""What the tests of the embedded server do to its processes, and the client that they do it with."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from db.embedded import EmbeddedServer
from db.embedded.account import account_of, identity

QUICK = {"fsync": "off"}
ENDLESS = b"DO 'BEGIN LOOP END LOOP; END'"

# Says the server's pid when it is attached, and leaves when its input ends.
CLIENT = """
import sys
from pathlib import Path
from db.embedded import EmbeddedServer
from db.embedded.account import account_of, identity
home = Path(sys.argv[1])
server = EmbeddedServer.attach(home, settings={"fsync": "off"})
print(EmbeddedServer.status(home).pid, flush=True)
sys.stdin.read()
"""

Process = subprocess.Popen[str]
StartPython = Callable[..., Process]


def server_pid(client: Process) -> int:
    """Wait until the client is attached."""
    assert client.stdout is not None
    line = client.stdout.readline()
    assert line, client.communicate()[1]
    return int(line)


def leave(client: Process) -> int:
    """Let the client end by itself; its exit status."""
    client.communicate(timeout=60)
    return client.returncode


def connect(server: EmbeddedServer, **options: str) -> psycopg.Connection[tuple[object, ...]]:
    """An autocommit connection."""
    url = server.url.replace("postgresql+psycopg:", "postgresql:")
    return psycopg.connect(url, autocommit=True, **options)  # type: ignore[arg-type]


@contextmanager
def busy_backend(server: EmbeddedServer, statement: bytes) -> Iterator[psutil.Process]:
    """A server process that works on a statement, whose answer nobody waits for."""
    connection = connect(server)
    try:
        backend = psutil.Process(connection.info.backend_pid)
        connection.pgconn.send_query(statement)
        connection.pgconn.flush()
        with connect(server) as witness:
            active = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active'"
            wait_for(lambda: witness.execute(active, (backend.pid,)).fetchone(), "the busy backend")
        yield backend
    finally:
        connection.close()


def wait_for(condition: Callable[[], object], what: str, timeout_s: float = 60) -> None:
    """Wait for a marker."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.005)


def processes_of(home: Path) -> list[psutil.Process]:
    """Every postgres that works on this home's data."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() == "postgres" and working_folder(process) == str(home / "pgdata"):
                found.append(process)
    return found


def working_folder(process: psutil.Process) -> str:
    """Root in a container may not look for itself."""
    try:
        return process.cwd()
    except psutil.AccessDenied:
        command = ["readlink", f"/proc/{process.pid}/cwd"]
        account = identity(account_of(process.uids().real)) if os.geteuid() == 0 else {}
        return str(subprocess.run(command, capture_output=True, text=True, **account).stdout).strip()


def recoveries(postmaster: int | None) -> list[psutil.Process]:
    """The process that redoes what a crash has left undone."""
    found = []
    for child in psutil.Process(postmaster).children():
        with suppress(psutil.Error):
            if "startup" in " ".join(child.cmdline()):
                found.append(child)
    return found


def kill_hard(home: Path) -> None:
    """What a power cut leaves: no process, all files."""
    processes = processes_of(home)
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # the first one's end takes others along
            process.kill()
    psutil.wait_procs(processes, timeout=30)


def kill_postmaster(home: Path) -> int:
    """Kill the postmaster alone; its pid."""
    postmaster = psutil.Process(EmbeddedServer.status(home).pid)
    postmaster.kill()
    postmaster.wait(30)
    return postmaster.pid


@contextmanager
def stalled(home: Path) -> Iterator[None]:
    """Nothing of the server moves in here: it takes what it is sent, and says nothing."""
    processes = processes_of(home)
    assert processes
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    wait_for(lambda: all(map(_stands_still, processes)), "its processes to stop")
    try:
        yield
    finally:
        go_on(processes)


def go_on(processes: list[psutil.Process]) -> None:
    """End of a stall."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.resume()


def _stands_still(process: psutil.Process) -> bool:
    try:
        return process.status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
