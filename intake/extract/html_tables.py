"""HTML's tables with every cell where it is read: what spans rows or columns stands in each of them."""

from __future__ import annotations

from copy import copy
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_MAX_CELLS = 100_000
"""A page's tables aren't unfolded any further; the limits on reading a page are for what is larger still."""

Grid = list[list["Tag"]]


def unfold_tables(soup: BeautifulSoup) -> None:
    """Repeats cells over the rows and columns that they span, and makes one header row of several.

    A header's names are then those of all its rows: "2024 Q1". Tables with others inside, which lay out a page, stay as
    they are.
    """
    left = _MAX_CELLS
    for table in soup.find_all("table"):
        if table.find("table") is not None:
            continue
        _bring_header_up(table)
        rows = table.find_all("tr")
        wanted = sum(
            _span(cell, "colspan") * _span(cell, "rowspan", len(rows)) for cell in table.find_all(["td", "th"])
        )
        left -= wanted
        if left < 0:
            return
        grid = _grid(rows)
        _join_headers(soup, rows, grid)


def _bring_header_up(table: Tag) -> None:
    """Takes away what would stand above the header, or make another of a part's first row."""
    if (caption := table.find("caption")) is not None:
        caption.name = "p"
        table.insert_before(caption.extract())
    for part in table.find_all(["colgroup", "col"]):
        part.unwrap()
    for row in takewhile(lambda row: row.find(["td", "th"]) is None, table.find_all("tr")):
        row.decompose()
    has_head = table.find("thead") is not None
    for part in table.find_all(["tbody", "tfoot"]):
        if has_head:
            part.name = "tbody"
        else:
            part.unwrap()


def _grid(rows: list[Tag]) -> Grid:
    """Each row's cells, as they are put into it."""
    grid: Grid = []
    from_above: dict[int, tuple[Tag, int]] = {}
    for row in rows:
        cells: list[Tag] = []
        own = [cell for cell in row.find_all(["td", "th"], recursive=False)]
        while own or len(cells) in from_above:
            column = len(cells)
            if column in from_above:
                cell, more = from_above.pop(column)
                if more > 1:
                    from_above[column] = (cell, more - 1)
                cells.append(copy(cell))
                continue
            cell = own.pop(0)
            columns, more = _span(cell, "colspan"), _span(cell, "rowspan", len(rows))
            for name in ("colspan", "rowspan"):
                if name in cell.attrs:
                    del cell[name]
            for number in range(columns):
                if more > 1:
                    from_above[len(cells)] = (cell, more - 1)
                cells.append(cell if number == 0 else copy(cell))
        grid.append(cells)
        row.extend(cell for cell in (cell.extract() for cell in cells))
    return grid


def _join_headers(soup: BeautifulSoup, rows: list[Tag], grid: Grid) -> None:
    """One row of names, where the first rows are nothing but headings."""
    count = 0
    for row, cells in zip(rows, grid, strict=True):
        in_head = row.parent is not None and row.parent.name == "thead"
        if not cells or not (in_head or all(cell.name == "th" for cell in cells)):
            break
        count += 1
    if count < 2 or count == len(rows):
        return
    for column, cell in enumerate(grid[0]):
        names = [_text(cells[column]) for cells in grid[:count] if column < len(cells)]
        cell.clear()
        cell.append(" ".join(dict.fromkeys(name for name in names if name)))
        cell.name = "th"
    for row in rows[1:count]:
        row.decompose()


def _span(cell: Tag, name: str, at_most: int = 1000) -> int:
    written = str(cell.get(name, "1")).strip()
    if not written.isdecimal() or not written.isascii():
        return 1
    number = int(written[:6])
    return min(number or (at_most if name == "rowspan" else 1), at_most) or 1


def _text(cell: Tag) -> str:
    return " ".join(cell.get_text(" ").split())
