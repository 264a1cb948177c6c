"""Plain text stays plain."""

from __future__ import annotations

import pytest

from intake.extract import parse_blocks
from intake.formats.escaping import escape_text, fenced, table


@pytest.mark.parametrize(
    "text", ["# one", "###### six", "> said", "```", "~~~ x", "a\n===", "a\n---", "    deep", "<b>x</b>", "<!-- x -->"]
)
def test_nothing_in_it_is_markup(text: str) -> None:
    assert {token.type for token in parse_blocks(escape_text(text))} == {"paragraph_open", "inline", "paragraph_close"}


@pytest.mark.parametrize("text", ["plain", "#1 of all", "1 < 2", "a & b", "x > y"])
def test_what_is_none_stays(text: str) -> None:
    assert escape_text(text) == text


def test_a_fence_is_longer_than_any_in_it() -> None:
    assert fenced("a\n```\nb\n", "py") == "````py\na\n```\nb\n````"


def test_a_table_s_cells_keep_their_lines_and_pipes() -> None:
    assert table([["a", "b"], ["1|2\n3"]]) == "| a | b |\n|---|---|\n| 1\\|2<br>3 |  |"


def test_one_long_row_doesn_t_make_the_others_as_long() -> None:
    assert len(table([["x"] * 10_000, *[["a", "b"]] * 10_000])) < 400_000
