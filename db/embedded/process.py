"""The embedded server's process: make its data once, start it, find it, stop it, and never mistake another for it.

A pid file says little: the pid may be anybody's by now. What counts is `alive.lock`, whose locked descriptor the
postmaster and its children inherit, and, before any signal, that the process is a postgres working in this very
data directory. Callers hold `server.lock`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from db.embedded.address import DATABASE, ROLE, listening_address
from db.embedded.binaries import POSTGRES_MAJOR
from db.embedded.file_lock import FileLock
from db.embedded.home import Home
from db.embedded.settings import render_settings, server_settings
from db.errors import EmbeddedServerError

START_TIMEOUT_S = 600
STOP_TIMEOUT_S = 60
ORPHAN_TIMEOUT_S = 5
GONE_TIMEOUT_S = 1
POLL_S = 0.02
COMPLAINTS = ("FATAL:", "error:", "postgres:", "pg_ctl:")

NO_VECTOR_UNIT = (
    "The embedded PostgreSQL's pgvector needs a processor with AVX2, FMA and BMI2, which this one lacks; set "
    "NIGHTSHIFT_DATABASE_URL to a PostgreSQL with pgvector built for this machine."
)
# pgvector isn't a trusted extension, so the superuser puts it into the template that databases are made from. The
# application's role owns its database and may make others (tests, restores), but can't read files or run programs.
PREPARATION = f"""CREATE EXTENSION vector
CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{{password}}'
CREATE DATABASE {DATABASE} OWNER {ROLE}
"""
ACCESS = f"""# Nobody but the application's own role, and nobody without its password; the superuser can't log in.
local all {ROLE} scram-sha-256
host  all {ROLE} 127.0.0.1/32 scram-sha-256
"""


def initialise(home: Home, lock: FileLock, extra: Mapping[str, str]) -> None:
    """Make the data directory: complete or not at all, because it gets its name last.

    initdb inherits `lock`: when this process is killed, the next one waits until initdb has ended.
    """
    for leftover in home.path.glob("initdb.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh = f"initdb.{secrets.token_hex(4)}"
    password = secrets.token_urlsafe(24)
    locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    make = (home.program("initdb"), "-D", fresh, "-U", "postgres", "--auth=reject", "--no-sync", *locale)
    # Without a server the superuser needs no login, and there never is one. exit_on_error: else the status is 0.
    alone = (home.program("postgres"), "--single", "-D", fresh, "-F", "-c", "exit_on_error=on", "template1")
    for command, stdin in ((make, ""), (alone, PREPARATION.format(password=password))):
        done = home.run(*command, stdin=stdin, keep_fd=lock.fd)
        if done.returncode == -signal.SIGILL:
            raise EmbeddedServerError(NO_VECTOR_UNIT)
        if done.returncode != 0:
            # The second one's output may quote a statement, and one of those holds the password.
            reason = _first_complaint(done.stderr) if command is make else f": exit status {done.returncode}"
            raise EmbeddedServerError(f"The database's files couldn't be made in {home.path}{reason}.")
    home.write_private(f"{fresh}/pg_hba.conf", ACCESS)
    home.write_private(f"{fresh}/postgresql.conf", "include = '../settings.conf'\n")
    home.write_private("password", password)
    if extra.get("fsync") != "off":
        # One call for the file system is many times faster than one for each of a thousand files.
        method = ("--sync-method=syncfs",) if sys.platform == "linux" else ()
        done = home.run(home.program("initdb"), "--sync-only", *method, "-D", fresh, keep_fd=lock.fd)
        if done.returncode != 0:
            raise EmbeddedServerError(f"The disk didn't take the database's files in {home.path}; is it full?")
    (home.path / fresh).rename(home.pgdata)
    _sync_folder(home.path)


def start(home: Home, alive: FileLock, port: int | None, extra: Mapping[str, str]) -> None:
    """Start the postmaster, which inherits `alive`, and wait until it answers."""
    version = (home.pgdata / "PG_VERSION").read_text().strip()
    if version != str(POSTGRES_MAJOR):
        raise EmbeddedServerError(
            f"{home.pgdata} was made by PostgreSQL {version}, and Nightshift now brings PostgreSQL "
            f"{POSTGRES_MAJOR}: move the data over with pg_upgrade, or with the old version's pg_dump."
        )
    for folder in ("run", "log"):
        home.make_folder(folder)
    if (home.pgdata / "postmaster.pid").exists():
        # It names a process that is gone, or is somebody else's by now. A server that was started by hand held no
        # lock, so look for its orphans: the file is PostgreSQL's own way to notice them.
        _end_all_at_work(home)
    for leftover in (home.pgdata / "postmaster.pid", *(home.path / "run").glob(".s.PGSQL.*")):
        leftover.unlink(missing_ok=True)
    startup_log = home.path / "log" / "startup.log"
    startup_log.unlink(missing_ok=True)
    home.write_private("settings.conf", render_settings(server_settings(port, extra)))
    # Names relative to the home: pg_ctl puts them into a shell command.
    wait = ("-w", "-t", str(START_TIMEOUT_S), "-s")
    done = home.run(home.program("pg_ctl"), "start", *wait, "-D", "pgdata", "-l", "log/startup.log", keep_fd=alive.fd)
    if done.returncode != 0:
        told = startup_log.read_text(errors="replace") if startup_log.exists() else ""
        reason = _first_complaint(told + done.stderr)
        raise EmbeddedServerError(f"The embedded PostgreSQL didn't start{reason}. Its log is in {home.path / 'log'}.")


def stop(home: Home, postmaster: int) -> None:
    """End the postmaster and wait until nothing of it is left: politely, else as after a power cut."""
    # One that recovers from a crash has nothing to write yet, and may never heed the polite request.
    address = listening_address(home)
    found = address.knock() if address is not None else "closed"
    # and one whose processes are stopped heeds none at all
    modes = {"open": ("fast", "immediate"), "closed": ("immediate",), "silent": ()}[found]
    for mode in modes:
        if find_postmaster(home) != postmaster:
            break
        home.run(home.program("pg_ctl"), "stop", "-w", "-t", str(STOP_TIMEOUT_S), "-s", "-m", mode, "-D", "pgdata")
    if found == "silent" or not _wait_until_dead(home, ORPHAN_TIMEOUT_S):
        end_orphans(home)


def find_postmaster(home: Home) -> int | None:
    """The pid of the postmaster that serves this home, as far as this process can see it."""
    try:
        pid = int((home.pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if pid > 0 and _works_here(home, pid) else None


def end_orphans(home: Home) -> bool:
    """End what a dead postmaster left running on this data; whether nothing holds the data any more."""
    _end_all_at_work(home)
    # Those of a server that has just ended are gone by themselves in a moment.
    return _wait_until_dead(home, GONE_TIMEOUT_S)


def _end_all_at_work(home: Home) -> None:
    for number in (signal.SIGQUIT, signal.SIGKILL):
        orphans = [process for process in psutil.process_iter() if _works_here(home, process.pid)]
        for orphan in orphans:
            with contextlib.suppress(psutil.NoSuchProcess):
                orphan.send_signal(number)
        deadline = time.monotonic() + ORPHAN_TIMEOUT_S
        while orphans and time.monotonic() < deadline:
            time.sleep(POLL_S)
            orphans = [orphan for orphan in orphans if _works_here(home, orphan.pid)]
        if not orphans:
            break


def _works_here(home: Home, pid: int) -> bool:
    """Whether this is a postgres whose working directory is our data directory: nothing else is ever signalled."""
    try:
        process = psutil.Process(pid)
        if process.name() != "postgres":
            return False
        try:
            folder = process.cwd()
        except psutil.AccessDenied:
            # Root in a container mustn't look into another account's processes, but that account may.
            if home.account is None:
                return False
            folder = home.run("/bin/readlink", f"/proc/{pid}/cwd").stdout.removesuffix("\n")
    except psutil.Error:
        return False
    return folder == str(home.pgdata)


def _wait_until_dead(home: Home, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while (lock := FileLock.try_acquire(home.path / "alive.lock")) is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    lock.close()
    return True


def _first_complaint(output: str) -> str:
    """A program's own reason, when it gave one; it names settings, files and memory, never a row."""
    reasons = [line.split(mark, 1)[1] for line in output.splitlines() for mark in COMPLAINTS if mark in line]
    return f": {reasons[0].strip()}" if reasons else ""


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
