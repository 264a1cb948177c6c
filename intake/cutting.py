"""Tables and code that are longer than a passage become several, each with its header or its fence; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from intake.extract import shorten

CutText = Callable[[str, int], Sequence[str]]
"""Cuts a text into pieces of at most so many characters, sharing nothing."""

_OPENED = re.compile(r"(?P<before>.*?)(?P<fence>`{3,}|~{3,})(?P<info>.*)")
_NO_QUOTE = re.compile(r"[^>\s]")
_PIPE = re.compile(r"(?<!\\)\|")
_SHORTEST_NAME = 8
_MARKS = 30
"""Characters of a table of two columns and a row that are no text."""


def cut_code(block: str, size: int, cut_text: CutText) -> Iterator[str]:
    """A fenced block as blocks of at most `size` characters, each opened as it is, with the name of its language."""
    lines = block.split("\n")
    opened = _OPENED.match(lines[0])
    if opened is None:
        yield from cut_text(block, size)
        return
    fence = opened["fence"]
    closing = _NO_QUOTE.sub(" ", opened["before"]) + fence
    opening = lines[0] if 4 * len(lines[0]) < size else opened["before"] + fence
    last = lines[-1].strip("> \t")
    body = lines[1:-1] if len(last) >= len(fence) and not last.strip(fence[0]) and len(lines) > 1 else lines[1:]
    room = max(size - len(opening) - len(closing) - 2, 1)
    for piece in cut_text("\n".join(body), room):
        if piece.strip():
            yield "\n".join((opening, piece.strip("\n"), closing))


def cut_table(block: str, size: int, cut_text: CutText) -> Iterator[str]:
    """A table as tables of at most `size` characters, each under the header, whose names are shortened to half of that.

    A row that is too long for one has several, with some of its columns each, and its first cell in all of them. A
    header without rows is cut like any text, and so are names that are no names, but what stands in a page's layout.
    """
    lines = block.split("\n")
    if len(lines) == 2:
        yield from cut_text(block, size)
        return
    head = _fitting_head(lines[0], lines[1], size // 2)
    long = [
        name for name in _cells(lines[0]) if len(name) > size // 4 and not name.endswith("…")
    ]  # those were told in full before
    if long and (head != f"{lines[0]}\n{lines[1]}" or max(map(len, lines[2:])) >= size - len(head)):
        yield from cut_text("\n".join(long), size)
    pack: list[str] = []
    left = 0
    for row in lines[2:]:
        if pack and len(row) + 1 > left:
            yield "\n".join([head, *pack])
            pack = []
        if not pack:
            left = size - len(head)
        if len(row) + 1 > left:
            yield from _cut_row(_cells(lines[0]), _cells(row), size, cut_text)
        else:
            pack.append(row)
            left -= len(row) + 1
    if pack:
        yield "\n".join([head, *pack])


def _fitting_head(names: str, rule: str, size: int) -> str:
    if len(names) + len(rule) < size:
        return f"{names}\n{rule}"
    cells = _cells(names)
    longest = max(size // max(len(cells), 1) - len(" | ---|"), _SHORTEST_NAME)
    return _table([shorten(name, longest) for name in cells])


def _cut_row(names: Sequence[str], row: Sequence[str], size: int, cut_text: CutText) -> Iterator[str]:
    """One row as several tables of as many columns as fit."""
    share = max((size - _MARKS) // 4, _SHORTEST_NAME)  # so that two names and a first cell leave as much to the second
    named = [*names, *[""] * (len(row) - len(names))]
    columns = [(shorten(name, share), value) for name, value in zip(named, row, strict=False)]
    first = columns[:1] if columns and len(columns[0][1]) <= share and len(columns) > 1 else []
    pack = list(first)
    for name, value in columns[len(first) :]:
        if len(_row_table([*pack, (name, value)])) > size and len(pack) > len(first):
            yield _row_table(pack)
            pack = list(first)
        room = size - len(_row_table([*pack, (name, "")]))
        if len(value) <= room:
            pack.append((name, value))
        else:
            yield from (_row_table([*pack, (name, part)]) for part in cut_text(value, max(room, 1)))
    if len(pack) > len(first):
        yield _row_table(pack)


def _row_table(columns: Sequence[tuple[str, str]]) -> str:
    return _table([name for name, _ in columns], [value for _, value in columns])


def _table(names: Sequence[str], *rows: Sequence[str]) -> str:
    written = [f"| {' | '.join(cells)} |" for cells in (names, *rows)]
    return "\n".join([written[0], "|" + "---|" * len(names), *written[1:]])


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _PIPE.split(line.strip("> \t").strip("|"))]
