"""The embedded PostgreSQL server: attach to it, share it, and the last one out stops it.

Everything is in one home, a folder of its own: `pgdata/`, `run/` (the socket), `log/`, a password file and three
locks. `server.lock` is held while the server is made, started or stopped. Every process that uses the server holds
`clients.lock` shared; who can have it alone was the last. `alive.lock` belongs to the postmaster itself. Nothing is
put into shared temporary folders, and no other user of the machine can reach the server. As root, see
`db/embedded_home.py`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from db import embedded_process as process
from db.embedded_home import Home, find_home, make_home
from db.errors import EmbeddedServerError
from db.file_lock import FileLock

SOCKET_PATH_BYTES = 107 if sys.platform == "linux" else 103
OWN_DESCRIPTORS = Path("/proc/self/fd")
ELSEWHERE_GRACE_S = 10.0

_attached: dict[Path, EmbeddedServer] = {}
_guard = threading.RLock()


@dataclass(frozen=True)
class ServerStatus:
    """What `nightshift db status` tells. `clients` is None where the system can't count them."""

    running: bool
    pid: int | None
    version: str | None
    clients: int | None
    home: Path
    size_bytes: int


class EmbeddedServer:
    """One PostgreSQL server in one home directory, shared by every process that attaches to it."""

    url: str

    def __init__(self, home: Home, *, keep: bool, settings: Mapping[str, str]) -> None:
        self.home = home.path
        self._home = home
        self._keep = keep
        self._settings = dict(settings)
        self._client: FileLock | None = None
        self._folder_fd = -1

    def __repr__(self) -> str:
        return f"EmbeddedServer(home={str(self.home)!r})"

    @classmethod
    def attach(
        cls, home: Path, *, keep: bool = False, settings: Mapping[str, str] | None = None
    ) -> EmbeddedServer:
        """The server of this home: made on first use, started when it isn't running, and ours to use until `detach`.

        Call it again after losing the connection: it gives the same object, and a server that died runs again.
        A process that was killed, or forked, isn't a client. Where nothing else handles SIGTERM and SIGHUP, they
        now end this process through its exit handlers, so that it detaches.

        Args:
            home: A folder for the server alone. Root may be given another one, see `ServerStatus.home`.
            keep: The server stays when its last client has left, until `stop`.
            settings: PostgreSQL settings for the next start; a running server keeps its own.

        Raises:
            EmbeddedServerError: It can't run here; the message says what to do.
        """
        with _guard:
            place = make_home(home)
            server = _attached.get(place.path) or cls(place, keep=keep, settings=settings or {})
            with FileLock.acquire(place.path / "server.lock") as lock:
                server._ensure_running(lock)
                if server._client is None:
                    server._client = FileLock.acquire(place.path / "clients.lock", shared=True)
                if keep:
                    place.write_private("keep", "")
            _attached[place.path] = server
            _leave_cleanly_on_signals()
            return server

    def detach(self) -> None:
        """Stop being a client; the last one stops the server, unless one asked to keep it. Twice is harmless."""
        with _guard:
            if self._client is None or _attached.get(self.home) is not self:
                return
            del _attached[self.home]
            client, self._client = self._client, None
            with contextlib.ExitStack() as stack:
                stack.callback(self._close_folder)
                stack.callback(client.close)
                # Without the folder there is no data and no lock; the server notices by itself and ends.
                stack.enter_context(contextlib.suppress(FileNotFoundError))
                stack.enter_context(FileLock.acquire(self.home / "server.lock"))
                client.close()
                self._stop_if_last()

    @staticmethod
    def status(home: Path) -> ServerStatus:
        """How the server of this home is; never makes, starts or waits for anything."""
        place = find_home(home)
        pid = process.find_postmaster(place)
        version = None
        with contextlib.suppress(OSError):
            version = (place.pgdata / "PG_VERSION").read_text().strip()
        if pid is not None:
            version = _running_version(place) or version
        return ServerStatus(
            running=pid is not None,
            pid=pid,
            version=version,
            clients=_count_clients(place),
            home=place.path,
            size_bytes=_size_bytes(place.pgdata),
        )

    @staticmethod
    def stop(home: Path) -> bool:
        """Stop the server even though clients are attached; whether it was running."""
        place = find_home(home)
        if not place.pgdata.is_dir():
            return False
        with _guard, FileLock.acquire(place.path / "server.lock"):
            (place.path / "keep").unlink(missing_ok=True)
            postmaster = process.find_postmaster(place)
            if postmaster is not None:
                process.stop(place, postmaster)
            return postmaster is not None
