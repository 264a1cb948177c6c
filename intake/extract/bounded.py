"""Reads files in a process of its own, which is ended when one takes too much time, memory or room.

A file that somebody made to exhaust its reader, or to break it, costs that file alone; the pass over the others goes
on. The process reaches no network, starts no other, and has none of the secrets in this one's environment.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any

from db.errors import BadInputError, NoTextError
from db.settings import forget_variables_but
from intake.extract.apart import ReadAndTell, read_apart
from intake.formats import Placed, Reading, Tell

BREAKS_READER = "it breaks what reads it, or takes too much memory; open it and save it anew, or split it"

_REFUSED = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.bind",
    "socket.sendto",
    "socket.sendmsg",
    "subprocess.Popen",
    "pty.spawn",
)
_REFUSED_OF_OS = ("os.system", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile")
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_", "TZ", "TMP", "TEMP", "PYTHON", "SYSTEMROOT", "COVERAGE")
_TOLD_EVERY_S = 0.2

# Never a fork of this process, which would have its threads and memory in it: one of a process that did nothing but to
# import what reads, which takes a second, once; elsewhere a fresh interpreter each time. That of Python 3.11.0 would
# take orders from any user of the machine (CVE-2022-42919).
_FRESH = multiprocessing.get_context("spawn")
_CONTEXT: SpawnContext | ForkServerContext = _FRESH
if sys.platform == "linux" and sys.version_info >= (3, 11, 1):
    _CONTEXT = multiprocessing.get_context("forkserver")
    _CONTEXT.set_forkserver_preload([__name__])
_MB = 1_000_000

_Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take: processor time, time altogether, memory of the process, and text made.

    After `files` of them the process is replaced, so that what a library forgot to give back goes with it.
    """

    cpu_s: int = 60
    wall_s: float = 180.0
    memory_bytes: int = 1500 * _MB
    text_chars: int = 8 * _MB
    files: int = 500


class FileReader:
    """Reads files one after the other; its process starts with the first and ends with the block."""

    def __init__(self, limits: Limits | None = None, read: ReadAndTell = read_apart, tell: Tell | None = None) -> None:
        self._limits = limits or Limits()
        self._read = read
        self._tell = tell or (lambda _done, _total: None)
        self._process: BaseProcess | None = None
        self._connection: Connection[bytes, bytes] | None = None
        self._left = 0

    def __enter__(self) -> FileReader:
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._end()

    def __call__(self, suffix: str, data: bytes) -> Reading:
        """The file as `intake.extract.apart.read_apart` reads it.

        Raises:
            NoTextError: there is no text in it.
            BadInputError: it takes more than the limits, or its reader refuses it or trips over it; the message is a
                reason without its name.
        """
        if self._left == 0:
            self._end()
        connection = self._connection or self._start()
        self._left -= 1
        deadline = time.monotonic() + self._limits.wall_s
        try:
            connection.send_bytes(suffix.encode())
            connection.send_bytes(data)
            reply = self._wait(connection, deadline)
        except (EOFError, OSError):
            raise BadInputError(self._why_ended(deadline)) from None
        if "refused" in reply:
            raise (NoTextError if reply["is_empty"] else BadInputError)(reply["refused"])
        if "trouble" in reply:
            raise BadInputError(f"it can't be read ({reply['trouble']})")
        if "beyond" in reply:
            self._end()
            raise BadInputError(reply["beyond"])
        return Reading(reply["title"], [Placed(text, place) for place, text in reply["parts"]])

    def _wait(self, connection: Connection[bytes, bytes], deadline: float) -> _Message:
        while connection.poll(max(deadline - time.monotonic(), 0)):
            message: _Message = json.loads(connection.recv_bytes())
            if "at" not in message:
                return message
            self._tell(*message["at"])
        raise EOFError

    def _start(self) -> Connection[bytes, bytes]:
        try:
            return self._start_by(_CONTEXT)
        except (EOFError, OSError):  # forks are asked for by a socket in the temporary folder: too long a path for one
            return self._start_by(_FRESH)

    def _start_by(self, context: SpawnContext | ForkServerContext) -> Connection[bytes, bytes]:
        ours, theirs = context.Pipe()
        process = context.Process(target=_read_files, args=(theirs, self._limits, self._read), daemon=True)
        with theirs:
            process.start()
        self._connection, self._process, self._left = ours, process, self._limits.files
        return ours

    def _why_ended(self, deadline: float) -> str:
        """Ends the process, and tells why it gave no answer."""
        is_late = time.monotonic() >= deadline
        process = self._process
        if process is not None and not is_late:
            process.join(5)
        code = process.exitcode if process is not None else None
        self._end()
        if is_late:
            return too_slow(self._limits.wall_s)
        if code is not None and -code in (
            getattr(signal, "SIGXCPU", None),
            signal.SIGKILL if os.name == "posix" else 0,
        ):
            return too_slow(self._limits.cpu_s)
        return BREAKS_READER

    def _end(self) -> None:
        if self._process is not None and self._connection is not None:
            self._connection.close()
            if self._process.is_alive():  # else its id may be another's by now: who forked it has waited for it
                self._process.kill()
            self._process.join()
        self._process = self._connection = None
        self._left = 0


def too_slow(seconds: float) -> str:
    """Why a file that took too long isn't read."""
    return f"reading it takes more than {seconds:g} s; split it"


def _read_files(connection: Connection[bytes, bytes], limits: Limits, read: ReadAndTell) -> None:
    """The process's whole life: a file comes in, its parts go out, until the other end closes or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other one, which ends this one
    warnings.simplefilter("ignore")  # of libraries, about the files of others
    forget_variables_but(_KEPT_VARIABLES)  # the tokens and passwords of the one that started it
    allow_time = _bound(limits)
    sys.addaudithook(_refuse_ways_out)
    while True:
        try:
            suffix, data = connection.recv_bytes().decode(), connection.recv_bytes()
        except EOFError:
            return
        allow_time()
        connection.send_bytes(json.dumps(_answer(read, suffix, data, limits, connection)).encode())


def _answer(
    read: ReadAndTell, suffix: str, data: bytes, limits: Limits, connection: Connection[bytes, bytes]
) -> _Message:
    try:
        reading = read(suffix, data, _teller(connection))
    except BadInputError as error:
        return {"refused": str(error), "is_empty": isinstance(error, NoTextError)}
    except MemoryError:
        return {"beyond": f"reading it takes more than {limits.memory_bytes // _MB} MB of memory; split it"}
    except Exception as error:  # whatever a parser trips over in one file
        return {"trouble": type(error).__name__}
    chars = sum(len(part.text) for part in reading.parts)
    if chars > limits.text_chars:
        return {"beyond": f"it holds more than {limits.text_chars:,} characters of text; split it"}
    return {"title": reading.title, "parts": [(part.place, part.text) for part in reading.parts]}


def _teller(connection: Connection[bytes, bytes]) -> Tell:
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _TOLD_EVERY_S:
            last = now
            connection.send_bytes(json.dumps({"at": (done, total)}).encode())

    return tell


def _refuse_ways_out(event: str, _args: object) -> None:
    if event in _REFUSED or event in _REFUSED_OF_OS:
        raise PermissionError(event)


def _bound(limits: Limits) -> Callable[[], None]:
    """Bounds this process's memory; returns what grants it the processor time for one file more."""
    try:
        import resource
    except ImportError:  # Windows: the time altogether bounds it still
        return lambda: None

    def within(wanted: int, most: int) -> int:
        return wanted if most == resource.RLIM_INFINITY else min(wanted, most)

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (within(limits.memory_bytes, most), most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def allow_time() -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        until_s = math.ceil(used.ru_utime + used.ru_stime) + limits.cpu_s
        resource.setrlimit(resource.RLIMIT_CPU, (within(until_s, most), most))

    return allow_time
