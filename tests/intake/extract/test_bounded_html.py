"""A page that would exhaust its reader costs that page alone."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time

import pytest

from db.errors import BadInputError
from intake.extract.bounded_html import TOO_COSTLY, PageLimits, PageReader

LIMITS = PageLimits(cpu_s=1, wall_s=60, memory_bytes=800_000_000, text_chars=1_000)


def misbehave(html: str) -> tuple[str | None, str]:
    """A reader that does what the page says."""
    if html == "time":
        for _ in itertools.count():
            pass
    if html == "memory":
        return None, str(len(list(range(10**9))))
    if html == "room":
        return None, "x" * (LIMITS.text_chars + 1)
    if html == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if html == "silence":
        threading.Event().wait()
    if html == "trouble":
        raise ValueError(html)
    return "title", html


@pytest.mark.parametrize("harm", ["time", "memory", "room", "crash"])
def test_what_takes_too_much_is_refused_and_the_next_page_is_read(harm: str) -> None:
    with PageReader(LIMITS, misbehave) as read_page:
        assert read_page("first") == ("title", "first")
        with pytest.raises(BadInputError, match=TOO_COSTLY):
            read_page(harm)
        assert read_page("next") == ("title", "next")


def test_a_reader_that_says_nothing_is_not_waited_for() -> None:
    with PageReader(PageLimits(wall_s=0.05), misbehave) as read_page, pytest.raises(BadInputError, match=TOO_COSTLY):
        read_page("silence")


def test_what_its_parser_trips_over_is_told() -> None:
    with PageReader(LIMITS, misbehave) as read_page:
        with pytest.raises(BadInputError, match="ValueError"):
            read_page("trouble")
        assert read_page("next") == ("title", "next")


def test_time_is_granted_to_each_page_anew() -> None:
    """A page that takes most of it leaves as much to the next one."""
    with PageReader(PageLimits(cpu_s=2), use_a_second) as read_page:
        assert [read_page(str(number))[1] for number in range(3)] == ["0", "1", "2"]


def use_a_second(html: str) -> tuple[str | None, str]:
    began = time.process_time()
    while time.process_time() - began < 1:
        pass
    return None, html


def test_a_page_that_unfolds_is_refused_and_a_plain_one_is_read() -> None:
    unfolding = "<table>" + "<tr><td colspan=1000>x</td></tr>" * 5_000 + "</table>"
    with PageReader() as read_page:
        with pytest.raises(BadInputError, match=TOO_COSTLY):
            read_page(unfolding)
        assert read_page("<title>T</title><p>text") == ("T", "\n\ntext\n\n")
