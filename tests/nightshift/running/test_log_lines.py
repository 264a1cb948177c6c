"""A line of JSON for each record: with what it is about apart, and no text of an error."""

from __future__ import annotations

import json
import logging
import sys

from nightshift.running.log_lines import make_formatter


def line(message: str, *values: object, exc_info: object = None) -> dict[str, object]:
    record = logging.LogRecord("bot.answering", logging.INFO, "x.py", 1, message, values, exc_info)  # type: ignore[arg-type]
    told = make_formatter("json").format(record)
    assert "\n" not in told
    found: dict[str, object] = json.loads(told)
    return found


def test_what_it_is_about_is_found_without_reading_the_sentence() -> None:
    told = line("Question %d is answered: %s.", 7, "quoted")
    assert (told["said"], told["values"]) == ("Question %d is answered: %s.", [7, "quoted"])
    assert (told["message"], told["level"]) == ("Question 7 is answered: quoted.", "INFO")
    assert str(told["time"]).endswith("+00:00")
    assert "said" not in line("It serves.\nStill.")


def test_an_error_is_told_by_its_kind_and_place_alone() -> None:
    try:
        raise ValueError("How much does Ada earn?") from KeyError("salary")
    except ValueError:
        told = line("It failed.", exc_info=sys.exc_info())
    assert told["error"] == "ValueError"
    assert "test_log_lines.py" in str(told["at"])
    assert "Ada" not in str(told) and "salary" not in str(told)
    assert "trace_id" not in told
