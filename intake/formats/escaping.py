"""Plain text as Markdown that means just that; pure."""

from __future__ import annotations

import re

_LOOKS_LIKE_HTML = re.compile(r"<(?=[A-Za-z/!?])|&(?=#?\w{1,32};)")
_LOOKS_LIKE_BLOCK = re.compile(r"^([ \t]*)(?=#{1,6}(?:\s|$)|>|```|~~~|(?:={3,}|-{3,})[ \t]*$)", re.MULTILINE)
_DEEP = re.compile(r"^[ \t]{4,}", re.MULTILINE)
_CODE_RUN = re.compile(r"`{3,}")
_LINE_ENDS = re.compile(r"\s*\n\s*")
_MOST_FILLED_UP = 2_000_000


def escape_text(text: str) -> str:
    """Text of which nothing is taken for a heading, a quotation, code or HTML."""
    return _LOOKS_LIKE_HTML.sub(r"\\\g<0>", _LOOKS_LIKE_BLOCK.sub(r"\1\\", _DEEP.sub("   ", text)))


def fenced(code: str, language: str = "") -> str:
    """Code in a fence that nothing in it closes."""
    longest = max(map(len, _CODE_RUN.findall(code)), default=2)
    marker = "`" * max(3, longest + 1)
    return f"{marker}{language}\n{code.strip(chr(10))}\n{marker}"


def table_row(cells: list[str], width: int) -> str:
    """A row of a Markdown table of that many columns; a cell's lines and pipes stay in it."""
    written = [_LINE_ENDS.sub("<br>", cell.strip().replace("|", "\\|")) for cell in cells]
    return f"| {' | '.join([*written, *[''] * (width - len(written))])} |"


def table(rows: list[list[str]]) -> str:
    """A Markdown table whose first row is the header; at least one row.

    Short rows are filled up, unless that makes a table of mostly nothing: one long row above a million short ones.
    """
    width = max(map(len, rows))
    is_even = width * len(rows) <= max(_MOST_FILLED_UP, 4 * sum(map(len, rows)))
    others = [table_row(row, width if is_even else len(row)) for row in rows[1:]]
    return "\n".join([table_row(rows[0], width), "|" + "---|" * width, *others])
