"""Where a process that talks to a person puts what it would log: in a file, so that no line comes between answers."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nightshift.running.log_lines import Form, make_formatter

LOG = "run.log"
MAX_BYTES = 5_000_000
"""A file that is longer when a process starts becomes run.log.1, in place of the one before."""


@contextmanager
def logging_to_file(home: Path, form: Form = "text") -> Iterator[int]:
    """Sends the log to the folder's file while the block runs; yields a descriptor for other processes to write to.

    Where the file can't be written, what is logged goes where it went.
    """
    path = home / LOG
    try:
        if path.exists() and path.stat().st_size > MAX_BYTES:
            path.replace(path.with_suffix(".log.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        logging.getLogger(__name__).warning("Nothing can be logged to %s: %s.", path, error.strerror)
        yield 2
        return
    root = logging.getLogger()
    before = root.handlers[:]
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        handler = logging.StreamHandler(file)
        handler.setFormatter(make_formatter(form))
        root.handlers[:] = [handler]
        logging.captureWarnings(True)
        try:
            yield descriptor
        finally:
            logging.captureWarnings(False)
            root.handlers[:] = before
