"""An HTML table's header: which rows are one, where it stands, and that it is said once."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import Tag

_BOLD = ("b", "strong", "th")
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)


def bring_header_up(table: Tag) -> None:
    """Puts a table's parts where browsers show them, and takes away what would stand above its header.

    One `thead` stays, if there is any; a table without headings whose first row is all bold has its header in that.
    """
    if (caption := table.find("caption")) is not None:
        caption.name = "p"
        table.insert_before(caption.extract())
    for part in table.find_all(["colgroup", "col"]):
        part.unwrap()
    for row in takewhile(_is_empty, table.find_all("tr")):
        row.decompose()
    heads = [head for head in table.find_all("thead") if not _is_empty(head)]
    if heads:
        table.insert(0, heads[0].extract())
    if (foot := table.find("tfoot")) is not None:
        table.append(foot.extract())
    for part in table.find_all(["thead", "tbody", "tfoot"]):
        if not heads or part is not heads[0]:
            part.unwrap()
    if not heads:
        _take_bold_for_header(table)


def join_headers(rows: list[Tag], grid: list[list[Tag]]) -> None:
    """One row of names, where the first rows are nothing but headings; none of them comes again further down."""
    count = 0
    for row, cells in zip(rows, grid, strict=True):
        in_head = row.parent is not None and row.parent.name == "thead"
        if not cells or not (in_head or all(cell.name == "th" for cell in cells)):
            break
        count += 1
    if count in (0, len(rows)):
        return
    headers = [[_text(cell) for cell in cells] for cells in grid[:count]]
    if count > 1:
        for column, cell in enumerate(grid[0]):
            names = [header[column] for header in headers if column < len(header)]
            cell.clear()
            cell.append(" ".join(dict.fromkeys(name for name in names if name)))
            cell.name = "th"
    for number, row in enumerate(rows[1:], start=1):
        if number < count or [_text(cell) for cell in grid[number]] in headers:
            row.decompose()


def is_bold(row: Tag) -> bool:
    """Whether all that a row says is bold, and it says something."""
    texts = [text for text in row.find_all(string=True) if text.strip()]
    return bool(texts) and all(_has_bold_around(text.parent, row) for text in texts)


def _take_bold_for_header(table: Tag) -> None:
    rows = table.find_all("tr")
    bold = [is_bold(row) for row in rows]
    count = len(list(takewhile(bool, bold)))
    has_title = count == 2 and len(rows[0].find_all(["td", "th"])) == 1
    others = bold[count:]
    if not others or not (count == 1 or has_title) or 2 * sum(others) > len(others):
        return
    for row in rows[:count]:
        for cell in row.find_all("td"):
            cell.name = "th"
            for part in cell.find_all(["b", "strong"]):
                part.unwrap()


def _has_bold_around(tag: Tag | None, row: Tag) -> bool:
    while tag is not None and tag is not row:
        if tag.name in _BOLD or _BOLD_STYLE.search(str(tag.get("style", ""))):
            return True
        tag = tag.parent
    return False


def _is_empty(part: Tag) -> bool:
    return part.find(["td", "th"]) is None


def _text(cell: Tag) -> str:
    return " ".join(cell.get_text(" ").split())
