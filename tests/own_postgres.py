"""A PostgreSQL of one's own, as operators have them, and PgBouncer before it: real ones, on ports that are free."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from db.embedded.account import ENVIRONMENT, identity, service_account
from db.embedded.home import Home

ADMIN, APP, PASSWORD = "admin", "nightshift", "pw:with/all@of#it?"
SETTINGS = dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes", "autovacuum"), "off")
START_TIMEOUT_S = 30
Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class OwnServer:
    """A server whose superuser is let in by its socket, everybody else by TCP and password."""

    home: Home
    port: int

    def url(self, database: str = "postgres", **query: str) -> str:
        """As an operator would set it, for a role that isn't a superuser."""
        return address(self.port, database, **query)

    @property
    def options(self) -> str:
        """What it is started with."""
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.home.path), **SETTINGS}
        return " ".join((f"-p {self.port}", *(f"-c {name}={value}" for name, value in settings.items())))

    def as_admin(self, database: str = "postgres") -> Connection:
        """An autocommit connection that may do anything."""
        place: dict[str, str | int] = {"host": str(self.home.path), "port": self.port, "dbname": database}
        return psycopg.connect(**place, hostaddr="", options="", user=ADMIN, autocommit=True)  # type: ignore[arg-type]

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Does as its administrator."""
        with self.as_admin(database) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def control(self, *arguments: str) -> None:
        """Runs pg_ctl on it, and waits for what it does."""
        home = self.home
        log = ("-l", str(home.path / "log")) if "start" in arguments else ()
        done = home.run(home.program("pg_ctl"), "-w", "-s", "-D", "data", *log, *arguments)
        assert done.returncode == 0, done.stderr


def address(port: int, database: str, password: str = PASSWORD, user: str = APP, **query: str) -> str:
    from urllib.parse import quote, urlencode

    parameters = f"?{urlencode(query, quote_via=quote)}" if query else ""
    return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{port}/{database}{parameters}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_home(folder: Path) -> Home:
    home = Home(folder, service_account() if os.geteuid() == 0 else None)
    home.make_folder()
    return home


@contextmanager
def own_server(folder: Path) -> Iterator[OwnServer]:
    """A server in a folder of its own, stopped and removed afterwards."""
    home, port = make_home(folder), free_port()
    locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    done = home.run(home.program("initdb"), "-D", "data", "-U", ADMIN, "--auth=trust", "--no-sync", *locale)
    assert done.returncode == 0, done.stderr
    home.write_private("data/pg_hba.conf", f"local all {ADMIN} trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    server = OwnServer(home, port)
    server.control("start", "-o", server.options)
    try:
        server.run(f"CREATE ROLE {APP} LOGIN CREATEDB PASSWORD '{PASSWORD}'")
        yield server
    finally:
        server.control("stop", "-m", "immediate")
        shutil.rmtree(folder)


@contextmanager
def pooler(folder: Path, port: int, mode: str = "transaction", **settings: str) -> Iterator[int]:
    """PgBouncer before the server on a port; yields its own port.

    Skips the test where it isn't installed; where all is required (`CI_REQUIRE_ALL`), it fails.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        if os.environ.get("CI_REQUIRE_ALL"):
            pytest.fail("PgBouncer isn't installed")
        pytest.skip("PgBouncer isn't installed")
    home, own_port = make_home(folder), free_port()
    home.write_private("users", f'"{APP}" "{PASSWORD}"\n')
    lines = {
        "listen_addr": "127.0.0.1",
        "listen_port": str(own_port),
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": "users",
        "pool_mode": mode,
        "default_pool_size": "8",
        "max_client_conn": "300",
        "max_db_connections": "30",
        "pidfile": "pid",
        **settings,
    }
    text = "\n".join(f"{name} = {value}" for name, value in lines.items())
    home.write_private("ini", f"[databases]\n* = host=127.0.0.1 port={port}\n[pgbouncer]\n{text}\n")
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(
            [program, "ini"], cwd=folder, env=ENVIRONMENT, stdout=log, stderr=log, **identity(home.account)
        )
    try:
        _wait_until_open(own_port, process, folder / "log")
        yield own_port
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def _wait_until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        _wait_a_moment(process)
    raise AssertionError(log.read_text())


def _wait_a_moment(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(0.02)
    except subprocess.TimeoutExpired:
        return
