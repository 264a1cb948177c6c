"""Tables within tables: those that lay out a page go, those within a cell become its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.extract.table_headers import is_bold

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag


def part_tables(soup: BeautifulSoup) -> None:
    """Leaves no table within another, and every cell's content in its order.

    A table without headings that holds others lays out a page: its cells become parts of the page, and the others stay
    tables. In a table with headings a cell's own table becomes lines, its cells parted by commas.
    """
    for table in soup.find_all("table"):
        if table.find_parent("table") is not None:
            continue  # a line of its cell by now
        inner = table.find_all("table")
        if inner and not _has_headings(table):
            _take_apart(table)
            continue
        for one in reversed(inner):
            _make_lines(soup, one)


def _own(table: Tag, *names: str) -> list[Tag]:
    """What belongs to this table, and to none within it."""
    return [part for part in table.find_all(names) if part.find_parent("table") is table]


def _has_headings(table: Tag) -> bool:
    return bool(_own(table, "th", "thead")) or any(is_bold(row) for row in _own(table, "tr")[:1])


def _take_apart(table: Tag) -> None:
    for part in _own(table, "caption", "thead", "tbody", "tfoot", "tr", "td", "th"):
        part.name = "div"
    table.name = "div"


def _make_lines(soup: BeautifulSoup, table: Tag) -> None:
    rows = [row for row in _own(table, "tr") if row.get_text(strip=True)]
    for row in rows:
        cells = [cell for cell in row.find_all(["td", "th"], recursive=False) if cell.get_text(strip=True)]
        for cell in cells[1:]:
            cell.insert_before(", ")
    for row in rows[1:]:
        row.insert_before(soup.new_tag("br"))
    if (caption := table.find("caption")) is not None and rows:
        caption.append(soup.new_tag("br"))
    for part in _own(table, "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th"):
        part.name = "span"
    follows = table.next_sibling
    if rows and follows is not None and follows.get_text(strip=True):
        table.insert_after(soup.new_tag("br"))
    table.name = "span"
