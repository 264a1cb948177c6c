"""A line's tokens as runs of text, each with its styles."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from bot.slack.text.inline import Cell, Run, line_text, read_line


def tokens(line: str) -> Cell:
    [inline] = MarkdownIt("commonmark").enable("strikethrough").parseInline(line)
    return inline.children or []


def bold(text: str) -> Run:
    return Run(text, frozenset({"bold"}))


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("plain", [Run("plain")]),
        ("a **b** c", [Run("a "), bold("b"), Run(" c")]),
        ("**a**<b>b</b>", [bold("ab")]),
        ("a<!-- x -->b ![c](d)", [Run("ab c")]),
        ("[words](https://x.example)", [Run("words ("), Run("https://x.example", is_code=True), Run(")")]),
        ("`a``b`", [Run("a``b", is_code=True)]),
        ("H<sub>2</sub>O<br>x", [Run("H₂O\nx")]),
        ("<td>Deck 1</td><td>open</td>", [Run("Deck 1  open  ")]),
        ("<b>open", [Run("<b>open")]),
        ("", []),
    ],
)
def test_neighbours_of_one_kind_are_one_run(line: str, runs: list[Run]) -> None:
    assert read_line(tokens(line)) == runs


def test_a_lines_own_styles_are_added_to_those_it_stands_in() -> None:
    assert read_line(tokens("*a*"), frozenset({"bold"})) == [Run("a", frozenset({"bold", "italic"}))]


def test_words_alone_stand_on_one_line() -> None:
    assert line_text(tokens("a  **b**<br>`c`")) == "a b c"
