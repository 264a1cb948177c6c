"""HTML's tables with every cell where it is read: what spans rows or columns stands in each of them."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from intake.extract.nested_tables import part_tables
from intake.extract.table_headers import bring_header_up, join_headers

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_MAX_CELLS = 100_000
"""A page's tables aren't unfolded any further; the limits on reading a page are for what is larger still."""

Grid = list[list["Tag"]]


def unfold_tables(soup: BeautifulSoup) -> None:
    """Repeats cells over the rows and columns that they span, and makes one header row of several.

    A header's names are then those of all its rows: "2024 Q1". No table has others inside.
    """
    part_tables(soup)
    left = _MAX_CELLS
    for table in soup.find_all("table"):
        bring_header_up(table)
        rows = table.find_all("tr")
        wanted = sum(
            _span(cell, "colspan") * _span(cell, "rowspan", len(rows)) for cell in table.find_all(["td", "th"])
        )
        left -= wanted
        if left < 0:
            return
        join_headers(rows, _grid(rows))


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
        _close_up(row)
        row.extend(cell for cell in (cell.extract() for cell in cells))
    return grid


def _close_up(row: Tag) -> None:
    """Takes out the space that stood between its cells: left in front of them all it would be a line of its own."""
    for text in row.find_all(string=lambda text: not text.strip(), recursive=False):
        text.extract()


def _span(cell: Tag, name: str, at_most: int = 1000) -> int:
    written = str(cell.get(name, "1")).strip()
    if not written.isdecimal() or not written.isascii():
        return 1
    number = int(written[:6])
    return min(number or (at_most if name == "rowspan" else 1), at_most) or 1
