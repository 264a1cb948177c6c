"""Comma- and tab-separated values become a Markdown table, so that each row is read with its columns' names; pure."""

from __future__ import annotations

import csv
import io

from intake.formats.escaping import table

SUFFIXES = frozenset({".csv", ".tsv"})

_DELIMITERS = (",", ";", "\t", "|")


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
    return table(rows)
