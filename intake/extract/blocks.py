"""The blocks that Markdown is made of, by their lines, as markdown-it reads them; pure."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token


def parse_blocks(markdown: str) -> list[Token]:
    """Headings, fences, tables, HTML and paragraphs in their order; what stands in a line isn't taken apart.

    A token's `map` holds its lines, the first and the one after the last, counted from 0. Takes time and memory in
    proportion to the text, whatever it is; of tables only where they begin and end is told.
    """
    return _parser().parse(markdown)


@cache
def _parser() -> MarkdownIt:
    # without link definitions, which would vanish with the addresses that they hold
    parser = MarkdownIt("commonmark").enable("table").disable("reference")
    parser.core.ruler.enableOnly(["normalize", "block"])
    parser.block.ruler.at("table", _read_table, {"alt": ["paragraph", "reference"]})
    return parser


class _Outermost(list[Token]):
    """Keeps the tokens of a table itself: those of its cells take a hundred times the memory of their text."""

    def append(self, token: Token) -> None:
        if token.type in ("table_open", "table_close"):
            super().append(token)


def _read_table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    before, state.tokens = state.tokens, _Outermost()
    try:
        return table(state, start_line, end_line, silent)
    finally:
        before.extend(state.tokens)
        state.tokens = before


def line_starts(text: str) -> list[int]:
    """Where each line begins, and one beginning after the last."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts
