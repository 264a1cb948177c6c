from __future__ import annotations

import contextlib
import os
import re
import signal
import stat
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from db.embedded import address as address_module
from db.embedded import process as process_module
from db.embedded.file_lock import FileLock
from db.embedded.server import EmbeddedServer, probe_extension
from db.errors import EmbeddedServerError
from tests.db.embedded.processes import (
    CLIENT,
    ENDLESS,
    QUICK,
    StartPython,
    busy_backend,
    connect,
    kill_hard,
    kill_postmaster,
    leave,
    processes_of,
    recoveries,
    server_pid,
    stalled,
    wait_for,
)

FORKING_CLIENT = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from db.embedded import EmbeddedServer
home = Path(sys.argv[1])
server = EmbeddedServer.attach(home, settings={"fsync": "off"})
if os.fork() == 0:
    sys.exit()
os.wait()
after_childs_exit = EmbeddedServer.status(home).running
waiting, going = os.pipe()
hearing, telling = os.pipe()
if os.fork() == 0:
    os.close(going)
    os.write(telling, b"!")
    os.read(waiting, 1)
    os._exit(0)
os.read(hearing, 1)
server.detach()
print(after_childs_exit, EmbeddedServer.status(home).running)
os.close(going)
os.wait()

server = EmbeddedServer.attach(home, settings={"fsync": "off"})
waiting, going = os.pipe()
if os.fork() == 0:
    os.close(going)
    EmbeddedServer.attach(home)
    os.write(telling, b"!")
    os.read(waiting, 1)
    sys.exit()
os.read(hearing, 1)
server.detach()
print(EmbeddedServer.status(home).running)
os.close(going)
os.wait()
print(EmbeddedServer.status(home).running)
"""
KEEPING_CLIENT = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from db.embedded import EmbeddedServer
EmbeddedServer.attach(Path(sys.argv[1]), keep=True, settings={"fsync": "off"})
"""


def test_nothing_of_the_server_is_open_to_others(server_home: Path) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    pid = EmbeddedServer.status(server_home).pid
    assert pid is not None
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (server_home, *server_home.iterdir())}
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
    assert modes["password"] == 0o600
    # Only Linux tells, and root in a container isn't told.
    with contextlib.suppress(psutil.AccessDenied):
        family = [psutil.Process(pid), *psutil.Process(pid).children()] if sys.platform == "linux" else []
        files = {file.path for member in family for file in member.open_files()}
        assert {path for path in files if not path.startswith((f"{server_home}/", "/dev/shm/PostgreSQL."))} == set()
        sockets = [socket for member in family[:1] for socket in member.net_connections("all")]
        assert {str(socket.laddr) for socket in sockets} <= {"", "../run/.s.PGSQL.5432"}
    for user, password in (("nightshift", "wrong"), ("postgres", "postgres")):
        with pytest.raises(psycopg.OperationalError, match="authentication|no pg_hba.conf entry"):
            connect(server, user=user, password=password)
    assert "password" not in repr(server)
    assert (server_home / "password").read_text() not in repr(server)


def test_the_role_owns_its_database_and_no_more(server_home: Path) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    with connect(server) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute("CREATE TABLE point (place halfvec(3))")
        connection.execute("CREATE DATABASE another")
        with connect(server, dbname="another") as other:
            assert other.execute("SELECT '[0,3]'::vector <-> '[4,0]'").fetchone() == (5.0,)
        for statement in ("COPY point TO PROGRAM 'cat'", "SELECT pg_read_file('PG_VERSION')", "CREATE ROLE me"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_settings_are_meant_for_vectors_and_for_privacy(server_home: Path) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    with connect(server) as connection:
        names = ("server_encoding", "datlocale", "max_connections", "fsync")
        found = connection.execute(
            "SELECT current_setting('server_encoding'), datlocale, current_setting('max_connections'), "
            "current_setting('fsync') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        assert dict(zip(names, found or (), strict=True)) == {
            "server_encoding": "UTF8",
            "datlocale": "C.UTF-8",
            "max_connections": "100",
            "fsync": "off",
        }
        connection.execute("CREATE TABLE said (words text PRIMARY KEY)")
        for _ in range(2):
            with contextlib.suppress(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO said VALUES ('a very private remark')")
    EmbeddedServer.stop(server_home)
    logs = "".join(path.read_text() for path in (server_home / "log").iterdir())
    assert "duplicate key" in logs
    assert "private remark" not in logs


def test_attaching_again_gives_the_same_server_and_detaching_the_last_client_stops_it(
    server_home: Path, start_python: StartPython
) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    assert EmbeddedServer.attach(server_home) is server
    other = start_python(CLIENT, server_home)
    assert server_pid(other) == EmbeddedServer.status(server_home).pid
    server.detach()
    server.detach()
    assert EmbeddedServer.status(server_home).running
    assert leave(other) == 0
    assert not EmbeddedServer.status(server_home).running
    assert processes_of(server_home) == []


def test_a_killed_client_does_not_keep_the_server_from_stopping(server_home: Path, start_python: StartPython) -> None:
    killed, other = start_python(CLIENT, server_home), start_python(CLIENT, server_home)
    assert server_pid(killed) == server_pid(other)
    killed.kill()
    killed.wait()
    assert leave(other) == 0
    assert processes_of(server_home) == []


def test_forked_children_are_clients_only_when_they_attach(server_home: Path, start_python: StartPython) -> None:
    client = start_python(FORKING_CLIENT, server_home)
    assert client.communicate(timeout=60)[0] == "True False\nTrue\nFalse\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_client_that_is_asked_to_end_detaches(
    number: signal.Signals, server_home: Path, start_python: StartPython
) -> None:
    # what is ignored here (SIGHUP under nohup, say) would be ignored by the client too
    ignored_or_not = signal.signal(number, signal.SIG_DFL)
    try:
        client = start_python(CLIENT, server_home)
    finally:
        signal.signal(number, ignored_or_not)
    server_pid(client)
    client.send_signal(number)
    assert leave(client) == 128 + number
    assert processes_of(server_home) == []


def test_a_kept_server_stays_until_it_is_stopped(server_home: Path, start_python: StartPython) -> None:
    assert leave(start_python(KEEPING_CLIENT, server_home)) == 0
    pid = EmbeddedServer.status(server_home).pid
    assert pid is not None
    lone = start_python(CLIENT, server_home)
    assert server_pid(lone) == pid
    leave(lone)
    assert EmbeddedServer.status(server_home).pid == pid
    assert EmbeddedServer.stop(server_home) is True
    assert EmbeddedServer.stop(server_home) is False
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    server.detach()
    assert not EmbeddedServer.status(server_home).running


def test_stopping_leaves_attached_clients_able_to_attach_again(server_home: Path) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    assert EmbeddedServer.stop(server_home)
    assert EmbeddedServer.attach(server_home) is server
    with connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_data_survive_a_killed_postmaster_and_no_busy_backend_is_left_behind(server_home: Path) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    with busy_backend(server, ENDLESS) as backend:
        postmaster = kill_postmaster(server_home)
        assert backend in processes_of(server_home)
        assert EmbeddedServer.attach(server_home) is server
        assert backend not in processes_of(server_home)
    with connect(server) as connection:
        assert connection.execute("SELECT count(*), sum(number) FROM kept").fetchone() == (1000, 500500)
    assert EmbeddedServer.status(server_home).pid != postmaster


def test_stop_ends_what_a_killed_postmaster_left(server_home: Path) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    with busy_backend(server, ENDLESS) as backend:
        kill_postmaster(server_home)
        assert backend in processes_of(server_home)
        assert EmbeddedServer.stop(server_home) is True
        assert processes_of(server_home) == []


def test_a_stop_does_not_wait_for_a_recovery(server_home: Path) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    with connect(server) as connection:
        connection.execute("CREATE TABLE much AS SELECT generate_series(1, 1000000) AS number")
    postmaster = EmbeddedServer.status(server_home).pid
    with busy_backend(server, b"SELECT pg_sleep(600)") as backend:
        backend.kill()
        wait_for(lambda: recoveries(postmaster), "recovery")
        recoveries(postmaster)[0].suspend()
    before = time.monotonic()
    assert EmbeddedServer.stop(server_home) is True
    assert time.monotonic() - before < process_module.STOP_TIMEOUT_S / 2
    assert processes_of(server_home) == []


def test_many_processes_on_a_new_home_make_one_server(homes: Path, start_python: StartPython) -> None:
    home = homes / "raced"
    clients = [start_python(CLIENT, home) for _ in range(4)]
    pids = {server_pid(client) for client in clients}
    found = {one.pid for one in processes_of(home)}
    roots = [one for one in processes_of(home) if one.ppid() not in found]
    assert pids == {root.pid for root in roots}
    assert EmbeddedServer.status(home).clients in (4, None)
    assert [leave(client) for client in clients] == [0] * 4
    assert processes_of(home) == []


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs a process namespace")
def test_two_namespaces_share_one_server(server_home: Path, start_python: StartPython) -> None:
    namespace = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    postmaster = EmbeddedServer.status(server_home).pid
    inside = start_python(CLIENT, server_home, prefix=namespace)
    assert inside.stdout is not None
    line = inside.stdout.readline()
    if not line:
        pytest.skip("process namespaces can't be made here")
    assert line == "None\n"
    assert postmaster in {one.pid for one in processes_of(server_home)}
    assert leave(inside) == 0
    with connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_out_of_sight_is_not_joined_by_a_second_one(server_home: Path) -> None:
    with FileLock.acquire(server_home / "alive.lock"):
        with pytest.raises(EmbeddedServerError, match="can't see"):
            EmbeddedServer.attach(server_home, settings=QUICK)
        with pytest.raises(EmbeddedServerError, match="can't see"):
            EmbeddedServer.stop(server_home)
    assert processes_of(server_home) == []


@pytest.mark.parametrize(
    ("number", "complaint"), [(signal.SIGILL, "AVX2.*NIGHTSHIFT_DATABASE_URL"), (signal.SIGTERM, "stopped while")]
)
def test_an_illegal_instruction_is_told_from_other_ends(
    number: signal.Signals, complaint: str, server_home: Path
) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    probe_extension(server.url)
    with connect(server) as connection:
        # The probe finds this type first, and waits for us in it.
        connection.execute("CREATE SCHEMA slow")
        connection.execute("CREATE FUNCTION wait() RETURNS bool RETURN pg_advisory_xact_lock(1) IS NULL")
        connection.execute("CREATE DOMAIN slow.vector AS public.vector CHECK (wait() IS NOT NULL)")
        connection.execute("ALTER DATABASE nightshift SET search_path = slow, public")
    errors: list[Exception] = []
    probe = threading.Thread(target=_collect, args=(errors, server.url))
    with connect(server) as blocker:
        blocker.execute("SELECT pg_advisory_lock(1)")
        probe.start()
        waiting = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        wait_for(lambda: blocker.execute(waiting).fetchone(), "the probe")
        (pid,) = blocker.execute(waiting).fetchone() or ()
        os.kill(int(str(pid)), number)
        probe.join(60)
    assert re.search(complaint, str(errors[0]))


def _collect(errors: list[Exception], url: str) -> None:
    try:
        probe_extension(url)
    except EmbeddedServerError as error:
        errors.append(error)


def test_a_power_cut_is_recovered_from(server_home: Path) -> None:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    kill_hard(server_home)
    assert not EmbeddedServer.status(server_home).running
    EmbeddedServer.attach(server_home)
    with connect(server) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)


def test_a_server_that_is_stopped_is_neither_waited_for_nor_killed_by_who_comes_and_goes(
    server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_module, "PING_TIMEOUT_S", 2)
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    with stalled(server_home):
        with pytest.raises(EmbeddedServerError, match="runs but doesn't answer: try again in a minute"):
            EmbeddedServer.attach(server_home)
        server.detach()
    assert processes_of(server_home)
    again = EmbeddedServer.attach(server_home)
    with connect(again) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    again.detach()
    assert processes_of(server_home) == []


def test_stopping_a_server_whose_processes_stand_still_ends_it(
    server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_module, "PING_TIMEOUT_S", 2)
    monkeypatch.setattr(process_module, "ORPHAN_TIMEOUT_S", 0.5)
    EmbeddedServer.attach(server_home, settings=QUICK)
    with stalled(server_home):
        assert EmbeddedServer.stop(server_home) is True
        assert processes_of(server_home) == []
    assert EmbeddedServer.stop(server_home) is False


def test_a_server_whose_extension_can_not_be_used_is_not_left_running(
    server_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_url: str) -> None:
        raise EmbeddedServerError("It can't be used.")

    with monkeypatch.context() as patch, pytest.raises(EmbeddedServerError, match="can't be used"):
        patch.setattr("db.embedded.server.probe_extension", broken)
        EmbeddedServer.attach(server_home, settings=QUICK)
    assert processes_of(server_home) == []
    EmbeddedServer.attach(server_home, settings=QUICK).detach()


def test_a_client_in_another_thread_leaves_the_process_s_signals_alone(server_home: Path) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    try:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(EmbeddedServer.attach, server_home, settings=QUICK).result().detach()
        assert signal.getsignal(signal.SIGTERM) == signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGHUP), handlers, strict=True):
            signal.signal(number, handler)
