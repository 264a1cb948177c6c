"""Text in columns that was set line by line, over all columns at once: read one column after the other; pure.

Most programs set one column after the other, which is the order that is kept. What pdfminer does for those that don't
(a line ends where a gap is wider than characters are, and lines below each other are one box) is what is done here,
where it is surely text: a table's rows are read as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake.formats.pdf_layout import Line, Run, are_columns_of_text, columns_of, rows_of

_LEAST_LINES = 6
_FULL = 0.75
"""A line is full that takes this share of its column's width, as a paragraph's lines do but for the last one."""

_MOSTLY = 0.7
_SENTENCE_END = re.compile(r"[.!?:;]['\"”’)\]]*\Z")


def one_after_the_other(lines: Sequence[Line]) -> list[Line]:
    """The lines in the order in which they are read: where they are of several columns, each column's by itself."""
    ordered: list[Line] = []
    rest = list(lines)
    while rest:
        rows = rows_of(rest) if len(rest[0].cells()) > 1 else []
        columns = _texts(rows)
        if columns:
            ordered += [Line([cell]) for column in columns for cell in column]
            rest = rest[len(rows) :]
        else:
            taken = max(1, len(rows))
            ordered += rest[:taken]
            rest = rest[taken:]
    return ordered


def _texts(rows: Sequence[Sequence[Run]]) -> list[list[Run]]:
    """The cells of each column, if each is running text; else none."""
    if len(rows) < _LEAST_LINES:
        return []
    edges = columns_of(rows)
    columns = [[cell for row in rows for cell in row if left <= cell.left < right] for left, right in edges]
    is_text = (
        len(edges) > 1
        and are_columns_of_text(rows, edges)
        and all(_is_running(column, right - left) for column, (left, right) in zip(columns, edges, strict=True))
    )
    return columns if is_text else []


def _is_running(cells: Sequence[Run], width: float) -> bool:
    """Whether these lines are a text that is wrapped: nearly all are full, and few end where a sentence does."""
    full = sum(cell.right - cell.left >= _FULL * width for cell in cells)
    ended = sum(_SENTENCE_END.search(cell.text) is not None for cell in cells)
    are_words = sum(len(cell.text.split()) > 2 for cell in cells)
    least = _MOSTLY * len(cells)
    return len(cells) >= _LEAST_LINES and min(full, are_words, len(cells) - ended) >= least
