"""Fields are read or empty, whatever was sent in their place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.slack.incoming.fields import mapping_at, text_at, timestamp_at

SENT: dict[str, Any] = {"view": {"state": {"values": {"a": "b"}}}, "ts": "1700000000.000100"}


def test_what_is_there_is_read() -> None:
    assert mapping_at(SENT, "view", "state", "values") == {"a": "b"}
    assert text_at(SENT, "view", "state", "values", "a") == "b"
    assert timestamp_at(SENT, "ts") == Decimal("1700000000.000100")


@pytest.mark.parametrize("path", [("nothing",), ("ts", "a"), ("view", "state"), ("view", "x", "y")])
def test_what_is_not_there_or_no_text_is_empty(path: tuple[str, ...]) -> None:
    assert text_at(SENT, *path) == ""


@pytest.mark.parametrize("found", [None, 5, "x", ["view"], {}])
def test_what_is_no_mapping_is_an_empty_one(found: object) -> None:
    assert mapping_at({"view": found}, "view") == mapping_at({"view": found}, "view", "state") == {}


@pytest.mark.parametrize("found", [None, 5, "", "soon", "NaN", "inf", "-1", "0", "1e999", "1" * 25])
def test_what_is_no_time_is_none(found: object) -> None:
    assert timestamp_at({"ts": found}, "ts") is None
