"""Comma- and tab-separated values become a Markdown table, so that each row is read with its columns' names; pure."""

from __future__ import annotations

import csv
import io
import re

SUFFIXES = frozenset({".csv", ".tsv"})

_DELIMITERS = (",", ";", "\t", "|")
_LINE_ENDS = re.compile(r"\s*\n\s*")


def delimited_to_markdown(text: str) -> str:
    """The table, the first row its header; what has one column only, or can't be taken apart, stays as it is."""
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]
    except csv.Error:
        return text
    if not rows or len(rows[0]) < 2:
        return text
    width = len(rows[0])
    written = [_written(row, max(width, len(row))) for row in rows]
    return "\n".join([written[0], "|" + "---|" * width, *written[1:]])


def _written(row: list[str], width: int) -> str:
    cells = [_LINE_ENDS.sub("<br>", cell.strip().replace("|", "\\|")) for cell in row]
    return f"| {' | '.join([*cells, *[''] * (width - len(cells))])} |"
