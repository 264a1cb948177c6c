"""A list's items are numbered as a browser shows them."""

from __future__ import annotations

import pytest

from intake.extract.html import html_to_markdown
from intake.extract.numbering import written_number


def read(html: str) -> list[str]:
    return html_to_markdown(html)[1].strip().split("\n")


@pytest.mark.parametrize(
    ("number", "kind", "written"),
    [
        (1, "1", "1"),
        (1, "a", "a"),
        (26, "A", "Z"),
        (27, "a", "aa"),
        (703, "a", "aaa"),
        (0, "a", "0"),
        (-2, "A", "-2"),
        (4, "i", "iv"),
        (1999, "I", "MCMXCIX"),
        (4000, "I", "4000"),
        (0, "i", "0"),
    ],
)
def test_a_number_is_written_in_its_kind(number: int, kind: str, written: str) -> None:
    assert written_number(number, kind) == written


@pytest.mark.parametrize(
    ("html", "items"),
    [
        ("<ol type=a><li>one<li>two</ol>", ["- a. one", "- b. two"]),
        ("<ol type=A start=26><li>one<li>two</ol>", ["- Z. one", "- AA. two"]),
        ("<ol type=i start=3><li>one<li value=9>two<li>three</ol>", ["- iii. one", "- ix. two", "- x. three"]),
        ("<ol type=I><li>one<li type=1>two</ol>", ["- I. one", "2. two"]),
        ("<ol style='list-style-type: lower-alpha'><li>one</ol>", ["- a. one"]),
        ("<ol type=a style='list-style:upper-roman inside'><li>one</ol>", ["- I. one"]),
        ("<ol style='list-style: square'><li>one</ol>", ["1. one"]),
        ("<ol reversed><li>one<li>two</ol>", ["2. one", "1. two"]),
        ("<ol reversed start=9><li>one<li value=5>two<li>three</ol>", ["9. one", "5. two", "4. three"]),
        ("<ol start=0><li>one<li>two</ol>", ["0. one", "1. two"]),
        ("<ol start=-1><li>one<li>two</ol>", ["- -1. one", "0. two"]),
        ("<ol start=x type=z><li>one<li value=''>two</ol>", ["1. one", "2. two"]),
        ("<ol><li>one<ol type=a><li>x<li>y</ol><li>two</ol>", ["1. one", "   - a. x", "   - b. y", "2. two"]),
        ("<ol type=a><li><p>one</p><p>more</p><li>two</ol>", ["- a. one", "", "  more", "- b. two"]),
        ("<ol type=a><li>one<ul><li>x</ul></ol>", ["- a. one", "  - x"]),
        ("<ol><li><li>two</ol>", ["2. two"]),
        ("<ul><li value=5>one</ul>", ["- one"]),
    ],
)
def test_items_have_the_numbers_that_are_shown(html: str, items: list[str]) -> None:
    assert read(html) == items
