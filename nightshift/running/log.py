"""The log: one line a record on standard error, and never a flood of the same."""

from __future__ import annotations

import copy
import logging
import threading
import time
from typing import TextIO

from nightshift.running.log_lines import Form, make_formatter

LINES_A_MINUTE = 30
"""Records that one place in the code may write within a minute; the rest are counted."""
_MINUTE_S = 60.0


def set_up_log() -> None:
    """Warnings and worse of everything, on standard error; does nothing where a log is set up already."""
    handler = CalmHandler()
    handler.setFormatter(make_formatter("text"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def set_log_format(form: Form) -> None:
    """From now on what `set_up_log` set up writes so."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, CalmHandler):
            handler.setFormatter(make_formatter(form))


class CalmHandler(logging.StreamHandler[TextIO]):
    """Writes what one place in the code says a few times a minute; then only how often it would have.

    By place, not by text: what others make us log can differ each time. There are only so many places.
    """

    def __init__(self, stream: TextIO | None = None, lines_a_minute: int = LINES_A_MINUTE) -> None:
        super().__init__(stream)
        self._allowed = lines_a_minute
        self._guard = threading.Lock()
        self._places: dict[tuple[str, int], tuple[float, int]] = {}  # the minute's start, and records since

    def handle(self, record: logging.LogRecord) -> bool:
        """Writes the record, with a remark where others are left out; whether it did."""
        left_out, count = self._count((record.pathname, record.lineno))
        if count > self._allowed:
            return False
        remarks = [f"{left_out} more like this were left out before"] if left_out else []
        if count == self._allowed:
            remarks.append("more like this are only counted for the rest of a minute")
        return bool(super().handle(_with_remarks(record, remarks) if remarks else record))

    def _count(self, place: tuple[str, int]) -> tuple[int, int]:
        """How many of the last minute were left out, where a new one begins, and how many this one has had."""
        with self._guard:
            now = time.monotonic()
            began, count = self._places.get(place, (now, 0))
            left_out = 0
            if now - began >= _MINUTE_S:
                left_out, began, count = max(0, count - self._allowed), now, 0
            self._places[place] = began, count + 1
            return left_out, count + 1


def _with_remarks(record: logging.LogRecord, remarks: list[str]) -> logging.LogRecord:
    said = copy.copy(record)  # others may be given the record too
    said.msg, said.args = f"{record.getMessage()} ({'; '.join(remarks)})", None
    return said
