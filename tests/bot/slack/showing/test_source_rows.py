from __future__ import annotations

import pytest

from bot.slack.showing.source_rows import source_row
from db.question import Passage, Source


@pytest.mark.parametrize(
    ("section", "shown"),
    [
        ("Parking", "*[1]* Parking"),
        ("Parking > Sites > Leiden", "*[1]* Parking · Sites &gt; Leiden"),
        ("Sites", "*[1]* Parking · Sites"),
        ("Parking (closed)", "*[1]* Parking · Parking (closed)"),
        ("", "*[1]* Parking"),
    ],
)
def test_the_title_is_not_said_again_as_the_section(section: str, shown: str) -> None:
    row, _ = source_row(Source("cite1", 1, "Parking", "", (Passage(section, "text", 0.5, 0.5),)), 500)
    assert row.to_dict()["text"]["text"] == shown


def test_one_that_may_be_outdated_is_told_as_that() -> None:
    passages = (Passage("Sick", "text", 0.5, 0.5),)
    row, _ = source_row(Source("cite1", 1, "Leave", "", passages, "", "may be outdated: dated 2021-03-04"), 500)
    assert row.to_dict()["text"]["text"] == "*[1]* Leave · Sick · _may be outdated: dated 2021-03-04_"


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("file:///srv/leave.pdf#page=3", "*[1]* Leave `srv/leave.pdf` · page 3 · Sick"),
        ("file:///srv/leave.pptx#slide=12", "*[1]* Leave `srv/leave.pptx` · slide 12 · Sick"),
        ("https://docs.test/leave.pdf#page=3", "*[1]* <https://docs.test/leave.pdf#page=3|Leave> · page 3 · Sick"),
        ("https://docs.test/leave#page=x", "*[1]* <https://docs.test/leave#page=x|Leave> · Sick"),
    ],
)
def test_the_page_that_it_opens_at_is_said(uri: str, shown: str) -> None:
    row, _ = source_row(Source("cite1", 1, "Leave", uri, (Passage("Sick", "text", 0.5, 0.5),)), 500)
    assert row.to_dict()["text"]["text"] == shown
