"""What is known about an embedded server from outside, without touching it."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import psycopg

from db.embedded.address import PING_TIMEOUT_S, listening_address
from db.embedded.home import Home
from db.embedded.process import find_postmaster

KERNEL_LOCKS = Path("/proc/locks")


@dataclass(frozen=True)
class ServerStatus:
    """What `nightshift db status` tells. `clients` is None where the system can't count them."""

    running: bool
    pid: int | None
    version: str | None
    clients: int | None
    home: Path
    size_bytes: int


def read_status(home: Home) -> ServerStatus:
    """Look, and nothing else: nothing is made, started or waited for."""
    pid = find_postmaster(home)
    version = None
    with contextlib.suppress(OSError):
        version = (home.pgdata / "PG_VERSION").read_text().strip()
    if pid is not None:
        version = _running_version(home) or version
    return ServerStatus(
        running=pid is not None,
        pid=pid,
        version=version,
        clients=_count_clients(home),
        home=home.path,
        size_bytes=_size_bytes(home.pgdata),
    )


def _running_version(home: Home) -> str | None:
    address = listening_address(home)
    if address is None or not address.answers():
        return None
    # Too many clients, or another user's password file: then the version stays unknown.
    with contextlib.suppress(psycopg.OperationalError, OSError):
        url = address.url((home.path / "password").read_text())
        conninfo = url.replace("postgresql+psycopg:", "postgresql:", 1)
        with psycopg.connect(conninfo, connect_timeout=PING_TIMEOUT_S) as connection:
            major, minor = divmod(connection.info.server_version, 10_000)
        return f"{major}.{minor}"
    return None


def _count_clients(home: Home) -> int | None:
    """Shared locks on `clients.lock`, from the kernel's list, which only Linux shows."""
    try:
        inode = (home.path / "clients.lock").stat().st_ino
    except OSError:
        return 0
    try:
        lines = KERNEL_LOCKS.read_text().splitlines()
    except OSError:
        return None
    # 7: FLOCK  ADVISORY  READ 4711 fd:01:123456 0 EOF
    fields = [line.split() for line in lines]
    return sum(field[1:4] == ["FLOCK", "ADVISORY", "READ"] and field[5].endswith(f":{inode}") for field in fields)


def _size_bytes(folder: Path) -> int:
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            # The server makes and removes files while we look.
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(path, name)).st_size
    return total
