"""The blocks that Markdown is made of, by their lines, as markdown-it reads them; pure."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token


def parse_blocks(markdown: str) -> list[Token]:
    """Headings, fences, tables, HTML and paragraphs in their order; what stands in a line isn't taken apart.

    A token's `map` holds its lines, the first and the one after the last, counted from 0. Takes time in proportion to
    the text, whatever it is.
    """
    return _parser().parse(markdown)


@cache
def _parser() -> MarkdownIt:
    # without link definitions, which would vanish with the addresses that they hold
    parser = MarkdownIt("commonmark").enable("table").disable("reference")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def line_starts(text: str) -> list[int]:
    """Where each line begins, and one beginning after the last."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts
