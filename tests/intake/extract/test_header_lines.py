"""Header lines are fields where they are a header, and a text where they are one."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from db.corpus import NOBODY
from intake.extract import extract_document
from intake.extract.header_lines import split_header_lines


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("Title: Pay\nDate: 2024-01-02", {"title": "Pay", "date": "2024-01-02"}),
        (
            "title:  Pay: the rules\nAuthors: A\n    and B\nTags:",
            {"title": "Pay: the rules", "authors": "A and B", "tags": ""},
        ),
        ("\n\nTitle: Pay", {"title": "Pay"}),
        ("% Pay", {"title": "Pay"}),
        ("% Pay,\n  in short\n% Ann; Bo\n% 2024", {"title": "Pay, in short"}),
    ],
)
def test_a_header_is_taken_off(header: str, fields: dict[str, str]) -> None:
    assert split_header_lines(header + "\n\nOne.") == (fields, "One.")


@pytest.mark.parametrize(
    "text",
    [
        "Date: Monday\nPresent: Ann\n\nOne.",
        "Title: Pay\nPresent: Ann\n\nOne.",
        "Date: Monday\nAuthor: Ann\n\nOne.",
        "Title: Pay\nOne.\n\nTwo.",
        "Title: Pay",
        "Title: Pay\n\n \n",
        "Title:\n\nOne.",
        "%Pay\n\nOne.",
        "% Pay\nOne.\n\nTwo.",
        "% of pay is tax\n% of it\n% is\n% much\n\nOne.",
        "# Title: Pay\n\nOne.",
        "",
    ],
)
def test_a_text_stays(text: str) -> None:
    assert split_header_lines(text) == ({}, text)


def test_its_fields_count_as_those_of_front_matter() -> None:
    page = extract_document(b"Title: Pay\nOwner: Ann\n\nOne.", PurePath("a.md"))
    assert (page.title, page.owner, [section.text for section in page.sections]) == ("Pay", "Ann", ["One."])
    assert extract_document(b"Title: Pay\nAudience: #finance\n\nOne.", PurePath("a.md")).audience == NOBODY
    assert extract_document(b"Title: Pay\n\nOne.", PurePath("a.txt")).title == "A"
