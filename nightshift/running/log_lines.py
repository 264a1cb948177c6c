"""What a logged record looks like: a line for people, or one JSON object."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Literal

Form = Literal["text", "json"]


def make_formatter(form: Form) -> logging.Formatter:
    """Of lines for people, or of one JSON object a line."""
    return JsonLines() if form == "json" else logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


class JsonLines(logging.Formatter):
    """A record as JSON: `said` is always the same of one place in the code, `values` what is in it this time.

    Of an error there are its kind and where it came from. Its message isn't there, nor are its causes': they may hold
    texts.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if isinstance(record.args, tuple) and record.args:
            line |= {"said": str(record.msg), "values": [_plain(value) for value in record.args]}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)
            line["error"] = type(error).__qualname__
            line["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line | _trace(), ensure_ascii=False)


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | float) or value is None else str(value)


def _trace() -> dict[str, str]:
    """By which a line is found with its trace, where there is one."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None or not (context := trace.get_current_span().get_span_context()).is_valid:
        return {}
    return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
