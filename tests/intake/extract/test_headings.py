"""Headings are what a Markdown reader takes for headings, and nothing else."""

from __future__ import annotations

import time

import pytest

from intake.extract.headings import MAX_HEADING_CHARS, Outline, Section, plain_heading, read_outline
from intake.formats import Placed


def outline(markdown: str) -> Outline:
    return read_outline([Placed(markdown)])


def test_each_text_has_the_headings_above_it() -> None:
    text = "Intro\n# Benefits\nAll.\n## Leave\nDays.\n### Sick\nIll.\n## Pay\nMoney.\n# Offices\nWhere.\n"
    assert outline(text).sections == [
        Section((), "Intro"),
        Section(("Benefits",), "All."),
        Section(("Benefits", "Leave"), "Days."),
        Section(("Benefits", "Leave", "Sick"), "Ill."),
        Section(("Benefits", "Pay"), "Money."),
        Section(("Offices",), "Where."),
    ]


def test_levels_may_be_left_out() -> None:
    sections = outline("# A\n#### B\nb\n## C\nc").sections
    assert [section.path for section in sections] == [("A", "B"), ("A", "C")]


@pytest.mark.parametrize(
    "code",
    ["```\n# no\n```", "~~~sh\n# no\n```\n~~~", "````\n```\n# no\n````", "- item\n  ```\n  # no\n  ```", "```\n# no"],
)
def test_headings_in_code_are_none(code: str) -> None:
    assert [section.path for section in outline(f"# Yes\n{code}\n").sections] == [("Yes",)]


@pytest.mark.parametrize("line", ["#hashtag", "    # indented", "####### seven", "a # b", "\\# escaped", "#", "# ##"])
def test_what_only_looks_like_a_heading_is_none(line: str) -> None:
    assert outline(f"text {line}" if line.startswith("a") else line).title is None


def test_underlined_headings_count_and_rules_do_not() -> None:
    text = "Title\n=====\na\n\nPart\n---\nb\n\n---\n\n- item\n---\nc\n\n| t |\n---\n\ntwo\nlines\n---\n"
    sections = outline(text).sections
    assert [section.path for section in sections] == [("Title",), ("Title", "Part")]


def test_a_heading_without_anything_under_it_is_text_itself() -> None:
    assert outline("# Phones\n## Reception: 12\n## Guard: 15\n").sections == [
        Section(("Phones",), "Reception: 12"),
        Section(("Phones",), "Guard: 15"),
    ]


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**Bold** and `code` ##", "Bold and code ##"),
        ("[Link](https://x.test/a_b) here {#anchor}", "Link here"),
        ("snake_case _and_ <b>tags</b>", "snake_case and tags"),
        ("What\\? A * star", "What? A star"),
        ("Use \\<script> and R&D", "Use <script> and R&D"),
        ("~~40~~ 45 days", "45 days"),
        ("~~All of it~~", "~~All of it~~"),
    ],
)
def test_a_heading_reads_as_a_person_sees_it(markdown: str, plain: str) -> None:
    assert plain_heading(markdown) == plain


def test_the_title_is_the_first_of_the_highest_level_or_the_first() -> None:
    assert outline("## Low\n# High #\n# Second").title == "High"
    assert outline("text\n### Low\n## Other").title == "Low"


def test_long_and_hostile_lines_take_no_time() -> None:
    started = time.process_time()
    heading = outline("# " + "a" * 10_000).title
    assert heading is not None and len(heading) == MAX_HEADING_CHARS
    for line in ("# " + " #" * 200_000, "# " + "[" * 200_000, "# " + "<a" * 200_000, "`" * 200_000, "# \t" * 200_000):
        outline(line)
    assert time.process_time() - started < 5


def test_what_begins_a_part_stands_under_the_headings_before_it_and_opens_at_its_own_place() -> None:
    parts = [Placed("# Leave\nDays.\n## Sick\nIll.", "#page=1"), Placed("Still ill.\n\n# Pay\nMoney.", "#page=2")]
    assert read_outline(parts).sections == [
        Section(("Leave",), "Days.", "#page=1"),
        Section(("Leave", "Sick"), "Ill.", "#page=1"),
        Section(("Leave", "Sick"), "Still ill.", "#page=2"),
        Section(("Pay",), "Money.", "#page=2"),
    ]


def test_all_of_a_heading_that_is_too_long_is_text() -> None:
    heading = "Everybody who is on call " * 8 + "calls *Ada*"
    (section,) = outline(f"# {heading}\nAt night.\n").sections
    assert section.path[0].endswith("…") and len(section.path[0]) <= MAX_HEADING_CHARS
    assert section.text == f"{heading}\n\nAt night."
