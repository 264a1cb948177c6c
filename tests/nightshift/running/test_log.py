"""A log that is written a million times stays small, and says how much it leaves out."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from nightshift.running import log
from nightshift.running.log import CalmHandler


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = CalmHandler(stream, lines_a_minute=3)
    logger = logging.getLogger("tests.calm")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def flood(n: int) -> None:
    logger = logging.getLogger("tests.calm")
    for number in range(n):
        logger.warning("refused %d", number)
    logger.error("another")


def test_one_place_writes_a_few_lines_a_minute_whatever_they_say(written: io.StringIO) -> None:
    flood(10_000)
    assert written.getvalue().splitlines() == [
        "refused 0",
        "refused 1",
        "refused 2 (more like this are only counted for the rest of a minute)",
        "another",
    ]


def test_the_next_minute_begins_with_what_was_left_out(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    flood(10)
    monkeypatch.setattr(log, "_MINUTE_S", 0.0)
    flood(1)
    assert written.getvalue().splitlines()[-2:] == ["refused 0 (7 more like this were left out before)", "another"]


def test_others_are_given_the_record_as_it_was(written: io.StringIO, caplog: pytest.LogCaptureFixture) -> None:
    flood(5)
    assert caplog.messages == ["refused 0", "refused 1", "refused 2", "refused 3", "refused 4", "another"]
