"""The embedded PostgreSQL server: attach to it, share it, and the last one out stops it.

Everything is in one home, a folder of its own: `pgdata/`, `run/` (the socket), `log/`, a password file and three
locks. `server.lock` is held while the server is made, started or stopped. Every process that uses the server holds
`clients.lock` shared; who can have it alone was the last. `alive.lock` belongs to the postmaster itself. Nothing is
put into shared temporary folders, and no other user of the machine can reach the server. As root, see `home.py`.
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
from pathlib import Path
from types import FrameType

import psycopg

from db.embedded import process
from db.embedded.address import CLIENT_VARIABLES, listening_address, tcp_port
from db.embedded.file_lock import FileLock
from db.embedded.home import Home, find_home, make_home
from db.embedded.status import ServerStatus, read_status
from db.errors import EmbeddedServerError
from db.settings import forget_variables

POLL_S = 0.02
SILENT_KNOCKS = 2
"""Times a running server may leave a new connection unanswered: one that starts or recovers says so."""

_attached: dict[Path, EmbeddedServer] = {}
_guard = threading.RLock()


class EmbeddedServer:
    """One PostgreSQL server in one home directory, shared by every process that attaches to it."""

    url: str

    def __init__(self, home: Home, settings: Mapping[str, str]) -> None:
        self.home = home.path
        self._home = home
        self._settings = dict(settings)
        self._client: FileLock | None = None

    def __repr__(self) -> str:
        return f"EmbeddedServer(home={str(self.home)!r})"

    @classmethod
    def attach(cls, home: Path, *, keep: bool = False, settings: Mapping[str, str] | None = None) -> EmbeddedServer:
        """The server of this home: made on first use, started when it isn't running, and ours to use until `detach`.

        Call it again after losing the connection: it gives the same object, and a server that died runs again.
        A process that was killed, or forked, isn't a client. libpq's variables (`PGHOST` and all others) lead
        elsewhere, so they are taken out of this process's environment. Where nothing else handles SIGTERM and SIGHUP,
        they now end this process through its exit handlers, so that it detaches.

        Args:
            home: A folder for the server alone. Root may be given another one, see `ServerStatus.home`.
            keep: The server stays when its last client has left, until `stop`.
            settings: PostgreSQL settings for the next start; a running server keeps its own.

        Raises:
            EmbeddedServerError: It can't run here; the message says what to do.
        """
        forget_variables(CLIENT_VARIABLES)
        try:
            with _guard:
                place = make_home(home)
                server = _attached.get(place.path) or cls(place, settings or {})
                server._join(keep)
                _attached[place.path] = server
                _leave_cleanly_on_signals()
                return server
        except OSError as error:
            raise EmbeddedServerError(f"The embedded PostgreSQL can't use {home}: {error}") from error

    def detach(self) -> None:
        """Stop being a client; the last one stops the server, unless one asked to keep it. Twice is harmless."""
        with _guard:
            if self._client is None or _attached.get(self.home) is not self:
                return
            del _attached[self.home]
            client, self._client = self._client, None
            with contextlib.ExitStack() as stack:
                stack.callback(client.close)
                # Without the folder there is no data and no lock; the server notices by itself and ends.
                stack.enter_context(contextlib.suppress(FileNotFoundError))
                stack.enter_context(FileLock.acquire(self.home / "server.lock"))
                client.close()
                last = FileLock.try_acquire(self.home / "clients.lock")
                if last is not None:
                    last.close()
                    # who is stopped or overloaded may have work to finish: killing it is for `stop`
                    if not (self.home / "keep").exists() and not _is_silent(self._home):
                        # One that was started in another container ends with that.
                        stack.enter_context(contextlib.suppress(EmbeddedServerError))
                        _stop(self._home)

    @staticmethod
    def status(home: Path) -> ServerStatus:
        """How the server of this home is; never makes, starts or waits for anything."""
        forget_variables(CLIENT_VARIABLES)
        return read_status(find_home(home))

    @staticmethod
    def stop(home: Path) -> bool:
        """Stop the server even though clients are attached; whether it was running.

        Raises:
            EmbeddedServerError: It runs where this process can't see it.
        """
        forget_variables(CLIENT_VARIABLES)
        place = find_home(home)
        if not place.pgdata.is_dir():
            return False
        with _guard, FileLock.acquire(place.path / "server.lock"):
            return _stop(place)

    def _join(self, keep: bool) -> None:
        with FileLock.acquire(self.home / "server.lock") as lock:
            self._ensure_running(lock)
            former, self._client = self._client, FileLock.acquire(self.home / "clients.lock", shared=True)
            if former is not None:
                former.close()
            if keep:
                self._home.write_private("keep", "")

    def _ensure_running(self, lock: FileLock) -> None:
        """Return when the server answers and `url` leads to it; the caller holds `server.lock`."""
        home = self._home
        if not home.pgdata.is_dir():
            process.initialise(home, lock, self._settings)
        deadline = time.monotonic() + process.START_TIMEOUT_S
        started = False
        silent = 0
        while True:
            with contextlib.ExitStack() as stack:
                alive = FileLock.try_acquire(home.path / "alive.lock")
                if alive is not None:
                    stack.enter_context(alive)
                    if process.find_postmaster(home) is None:
                        (home.path / "keep").unlink(missing_ok=True)
                        process.start(home, alive, tcp_port(home), self._settings)
                        started = True
            address = listening_address(home)
            found = address.knock() if address is not None else "closed"
            if address is not None and found == "open":
                break
            silent += found == "silent"
            if process.find_postmaster(home) is None and not process.end_orphans(home):
                raise _unseen(home)
            if silent >= SILENT_KNOCKS or time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"The embedded PostgreSQL in {home.path} runs but doesn't answer: try again in a minute. "
                    "If it stays so, `nightshift db stop` ends it."
                )
            time.sleep(POLL_S)
        self.url = address.url((home.path / "password").read_text())
        if started:
            try:
                probe_extension(self.url)
            except EmbeddedServerError:
                _stop(home)
                raise


def probe_extension(url: str) -> None:
    """Run one vector distance, which a processor without the right instructions dies of.

    Raises:
        EmbeddedServerError: It did, or the database can't be reached.
    """
    connection: psycopg.Connection[tuple[object, ...]] | None = None
    one, two = ("array_fill({}::real, ARRAY[64])::{}".format(*pair) for pair in ((1, "vector"), (2, "vector")))
    try:
        with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:", 1)) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            connection.execute(f"SELECT {one} <-> {two}, {one}::halfvec <-> {two}::halfvec")
            connection.rollback()
    except psycopg.OperationalError as error:
        # A backend that is shut down says so; one that dies doesn't.
        if connection is not None and connection.broken and error.sqlstate is None:
            raise EmbeddedServerError(process.NO_VECTOR_UNIT) from error
        raise EmbeddedServerError("The embedded PostgreSQL stopped while it was being started.") from error


def _stop(home: Home) -> bool:
    """Stop whatever runs on this data; whether a server did. The caller holds `server.lock`."""
    (home.path / "keep").unlink(missing_ok=True)
    postmaster = process.find_postmaster(home)
    if postmaster is not None:
        process.stop(home, postmaster)
        return True
    alive = FileLock.try_acquire(home.path / "alive.lock")
    if alive is not None:
        alive.close()
        return False
    if not process.end_orphans(home):
        raise _unseen(home)
    return True


def _is_silent(home: Home) -> bool:
    address = listening_address(home)
    return address is not None and process.find_postmaster(home) is not None and address.knock() == "silent"


def _unseen(home: Home) -> EmbeddedServerError:
    return EmbeddedServerError(
        f"The database in {home.path} is in use by a server that this process can't see, perhaps in another "
        "container; stop that one first, or set NIGHTSHIFT_DATABASE_URL."
    )


def _leave_cleanly_on_signals() -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _exit_on_signal)


def _exit_on_signal(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _detach_all() -> None:
    for server in list(_attached.values()):
        server.detach()


def _forget_in_child() -> None:
    global _guard
    _guard = threading.RLock()
    _attached.clear()
    # A worker process that is told to end must end, even inside a long computation.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is _exit_on_signal:
            signal.signal(number, signal.SIG_DFL)


atexit.register(_detach_all)
os.register_at_fork(after_in_child=_forget_in_child)
