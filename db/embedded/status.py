"""What is known about an embedded server from outside, without touching it."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import psycopg

from db.embedded.address import listening_address
from db.embedded.home import Home
from db.embedded.process import find_postmaster


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
    url = address.url((home.path / "password").read_text())
    with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:", 1)) as connection:
        major, minor = divmod(connection.info.server_version, 10_000)
    return f"{major}.{minor}"


def _count_clients(home: Home) -> int | None:
    """Shared locks on `clients.lock`, from the kernel's list, which only Linux shows."""
    try:
        inode = (home.path / "clients.lock").stat().st_ino
    except OSError:
        return 0
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return None
    held = [fields for line in lines if "FLOCK" in (fields := line.split()) and "->" not in fields]
    return sum("READ" in fields and f":{inode}" in fields[5][-len(str(inode)) - 1 :] for fields in held)


def _size_bytes(folder: Path) -> int:
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            # The server makes and removes files while we look.
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(path, name)).st_size
    return total
