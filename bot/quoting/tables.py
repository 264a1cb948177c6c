"""A table's rows as a list's items, each with its columns' names, since few places show tables; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, takewhile

_ROW = re.compile(r"\s*\|.*\|\s*\Z")
_RULE = re.compile(r"[>\s]*+\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?\s*)?\Z")
_OTHER = re.compile(r"`{3,}|~{3,}|#{1,6}\s|(?:[-*+•]|\d{1,3}[.)])\s+\S|(?:[-*_]\s*){3,}\Z")
"""What ends a table without an empty line."""

_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
_PIPE = re.compile(r"(?<!\\)\|")


def table_at(lines: Sequence[str], place: int) -> list[str]:
    """The lines of the table whose header stands there, without marks of quotation; [] where none does.

    A header is a line over a rule of as many columns. Its rows need no pipes at their ends, and end at an empty line.
    """
    if place + 1 >= len(lines) or "|" not in lines[place] or not is_rule(lines[place + 1]):
        return []
    marks = "> \t" if lines[place].lstrip().startswith(">") else " \t"
    following = takewhile(str.strip, (line.lstrip(marks) for line in lines[place:]))
    rows = list(islice(following, 2)) + list(takewhile(lambda line: not _OTHER.match(line), following))
    return rows if len(_cells(rows[0])) == len(_cells(rows[1])) else []


def is_row(line: str) -> bool:
    """Whether a line is a row by itself, between pipes."""
    return _ROW.match(line) is not None


def is_rule(line: str) -> bool:
    """Whether it is the line under a header: `|:--|-:|`."""
    return _RULE.match(line) is not None


def row_items(lines: Sequence[str]) -> list[str]:
    """Each row as an item: "- **first cell** — column: cell; column: cell", or its cells where no header is known."""
    names = _cells(lines[0]) if _has_names(lines) else []
    values = [_cells(line) for line in lines if not is_rule(line)][bool(names) :]
    return [item for row in values if (item := _row_item(row, names))]


def first_column(lines: Sequence[str]) -> str:
    """What a table's rows are about, which stands before none of them."""
    name = _cells(lines[0])[0] if _has_names(lines) else ""
    return f"{name}:" if re.search(r"\w", name) else ""


def _has_names(lines: Sequence[str]) -> bool:
    return len(lines) > 1 and is_rule(lines[1])


def _cells(line: str) -> list[str]:
    """A break within a cell is one within the item that its row becomes."""
    inner = line.strip().removeprefix("|")
    inner = inner if inner.endswith("\\|") else inner.removesuffix("|")
    return [_BREAK.sub("\n  ", cell.strip()) for cell in _PIPE.split(inner)]


def _row_item(row: Sequence[str], names: Sequence[str]) -> str:
    if not any(row):
        return ""
    if not names:
        return "- " + "; ".join(cell for cell in row if cell)
    cells = [f"{name}: {cell}" if name else cell for name, cell in zip(names[1:], row[1:], strict=False) if cell]
    first = f"**{row[0]}**" if row[0] else ""
    return "- " + " — ".join(part for part in (first, "; ".join(cells)) if part)
