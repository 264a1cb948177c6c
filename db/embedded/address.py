"""How a client reaches the embedded server: its socket, wherever it lies, or the loopback address."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import psycopg

from db.embedded.home import Home

ROLE = "nightshift"
DATABASE = "nightshift"
CLIENT_VARIABLES = (
    *(option.envvar.decode() for option in psycopg.pq.Conninfo.get_defaults() if option.envvar),
    *("PGSERVICEFILE", "PGSYSCONFDIR", "PGLOCALEDIR", "PGDATESTYLE", "PGTZ", "PGGEQO", "PGREALM"),
)
"""What libpq reads from the environment, some of it past all that a connection is told."""

SOCKET_PORT = 5432
SOCKET_PATH_BYTES = 107 if sys.platform == "linux" else 103
OWN_DESCRIPTORS = Path("/proc/self/fd")
PING_TIMEOUT_S = 5

_descriptors: dict[Path, int] = {}


@dataclass(frozen=True)
class Address:
    """Where the server listens: `host` is a folder with a socket, or 127.0.0.1."""

    host: str
    port: int

    def url(self, password: str) -> str:
        """The SQLAlchemy URL. It holds the password, and may be of use to this process only."""
        start = f"postgresql+psycopg://{ROLE}:{password}@"
        if not self.host.startswith("/"):
            # Whoever takes the port while the server is down must not be told the password.
            return f"{start}{self.host}:{self.port}/{DATABASE}?require_auth=scram-sha-256"
        return f"{start}/{DATABASE}?host={quote(os.fsencode(self.host), safe='/')}&port={self.port}"

    def answers(self) -> bool:
        """Whether a server there accepts connections now."""
        return self.knock() == "open"

    def knock(self) -> Literal["open", "closed", "silent"]:
        """Whether a server there accepts connections now; one that is stopped takes them and says nothing.

        Not libpq's own ping: while that waits, no other thread of this process runs.
        """
        place: dict[str, Any] = {"host": self.host, "port": self.port, "user": ROLE, "dbname": DATABASE}
        try:
            psycopg.connect(connect_timeout=PING_TIMEOUT_S, **place).close()
        except psycopg.errors.ConnectionTimeout:
            return "silent"
        except psycopg.OperationalError as error:
            if os.strerror(errno.EAGAIN) in str(error):
                return "silent"  # as many wait there as may
            # it asks for the password only where it would let us in
            asked = error.pgconn is not None and (error.pgconn.needs_password or error.pgconn.used_password)
            return "open" if asked else "closed"
        return "open"


def listening_address(home: Home) -> Address | None:
    """Where the running server says that it listens, when it has got that far."""
    try:
        lines = (home.pgdata / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    if len(lines) < 6 or not lines[3].isdigit():
        return None
    if not lines[4]:
        return Address("127.0.0.1", int(lines[3]))
    return Address(str(socket_folder(home.path)), int(lines[3]))


def tcp_port(home: Home) -> int | None:
    """A free TCP port when clients couldn't name the socket's path on this system, else None."""
    if _fits(home.path / "run") or OWN_DESCRIPTORS.is_dir():
        return None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def socket_folder(home: Path) -> Path:
    """The socket's folder by a name that libpq takes: the path, or this process's own descriptor of it."""
    folder = home / "run"
    if _fits(folder):
        return folder
    known = _descriptors.get(folder, -1)
    with contextlib.suppress(OSError):
        if os.path.samestat(os.fstat(known), folder.stat()):
            return OWN_DESCRIPTORS / str(known)
    _descriptors[folder] = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    return OWN_DESCRIPTORS / str(_descriptors[folder])


def _fits(folder: Path) -> bool:
    """A socket's path is bounded, and libpq takes a comma for the start of another host."""
    path = os.fsencode(folder / f".s.PGSQL.{SOCKET_PORT}")
    return len(path) <= SOCKET_PATH_BYTES and b"," not in path
