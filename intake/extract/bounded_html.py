"""Reads HTML pages in a process of its own, which is ended when a page takes too much time, memory or room.

A page that somebody made to exhaust its reader costs that page alone; the pass over the others goes on.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import TracebackType

from db.errors import BadInputError
from intake.extract.html import MAX_HTML_BYTES, ReadPage, html_to_markdown

TOO_COSTLY = "it takes too much time or memory to read as a page; simplify or split it"


@dataclass(frozen=True, slots=True)
class PageLimits:
    """What reading one page may take: processor time, time altogether, memory of the process, and Markdown made."""

    cpu_s: int = 60
    wall_s: float = 180.0
    memory_bytes: int = 1_500_000_000
    text_chars: int = 2 * MAX_HTML_BYTES


class PageReader:
    """Reads pages one after the other; its process starts with the first and ends with the block."""

    def __init__(self, limits: PageLimits | None = None, read: ReadPage = html_to_markdown) -> None:
        self._limits = limits or PageLimits()
        self._read = read
        self._process: SpawnProcess | None = None
        self._connection: Connection[bytes, bytes] | None = None

    def __enter__(self) -> PageReader:
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._end()

    def __call__(self, html: str) -> tuple[str | None, str]:
        """The page's title and text, as `intake.extract.html.html_to_markdown` gives them.

        Raises:
            BadInputError: it takes more than the limits, and the message is `TOO_COSTLY`; or its reader trips over it.
        """
        connection = self._connection or self._start()
        try:
            connection.send_bytes(html.encode())
            if not connection.poll(self._limits.wall_s):
                raise EOFError
            reply = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            self._end()
            raise BadInputError(TOO_COSTLY) from None
        if "trouble" in reply:
            raise BadInputError(f"it can't be read ({reply['trouble']})")
        return reply["title"], reply["text"]

    def _start(self) -> Connection[bytes, bytes]:
        # a fresh interpreter: a fork would have this one's threads and memory in it
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_read_pages, args=(theirs, self._limits, self._read), daemon=True)
        self._process.start()
        theirs.close()
        return self._connection

    def _end(self) -> None:
        if self._process is not None and self._connection is not None:
            self._connection.close()
            self._process.kill()
            self._process.join()
        self._process = self._connection = None


def _read_pages(connection: Connection[bytes, bytes], limits: PageLimits, read: ReadPage) -> None:
    """The process's whole life: a page comes in, its title and text go out, until the other end closes or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other one, which ends this one
    allow_time = _bound(limits)
    while True:
        try:
            html = connection.recv_bytes().decode()
        except EOFError:
            return
        allow_time()
        try:
            title, text = read(html)
        except MemoryError:
            return
        except Exception as error:  # whatever a parser trips over in one page
            connection.send_bytes(json.dumps({"trouble": type(error).__name__}).encode())
            continue
        if len(text) > limits.text_chars:
            return
        connection.send_bytes(json.dumps({"title": title, "text": text}).encode())


def _bound(limits: PageLimits) -> Callable[[], None]:
    """Bounds this process's memory; returns what grants it the processor time for one page more."""
    try:
        import resource
    except ImportError:  # Windows: the time altogether bounds it still
        return lambda: None
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def allow_time() -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime) + limits.cpu_s, most))

    return allow_time
