"""What of a model's words is shown is what the sources support, whole or under way."""

from __future__ import annotations

import logging

import pytest

from bot.answering.supported import checked_text, showing_supported, storable, supported_text
from tests.hits import alone, hit

SOURCES = alone(hit(uri="https://docs.example.com/leave"))


def test_invented_sources_and_foreign_links_go_and_real_ones_stay() -> None:
    written = (
        "28 days [1]. Dogs are welcome [7]. See [this](https://docs.example.com/leave) or [that](https://x.example)."
    )
    shown = "28 days [1]. See [this](https://docs.example.com/leave) or that (`x.example`)."
    assert supported_text(written, SOURCES) == shown
    assert checked_text("Dogs are welcome [7].", SOURCES) == "Dogs are welcome."


def test_what_the_database_refuses_is_taken_out() -> None:
    assert storable("a\0b\ud800c") == "a b?c"
    assert supported_text("a\0b\ud800c [1]", SOURCES) == "a b?c [1]"


async def test_under_way_nothing_is_shown_that_the_finished_answer_might_not_hold() -> None:
    shown: list[str] = []

    async def keep(text: str) -> None:
        shown.append(text)

    show = showing_supported(keep, SOURCES)
    for text in ("28 days [", "28 days [7", "28 days [1]. Do", "[7]."):
        await show(text)
    assert shown == ["28 days", "28 days", "28 days [1]. Do"]


async def test_whoever_watches_may_fail_once(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[str] = []

    async def fail(text: str) -> None:
        calls.append(text)
        raise RuntimeError

    show = showing_supported(fail, SOURCES)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            await show("28 days")
    assert (calls, len(caplog.records)) == (["28 days"], 1)
