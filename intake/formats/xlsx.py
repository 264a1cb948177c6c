"""Excel workbooks, sheet by sheet, as tables of the values that Excel last calculated."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from zipfile import BadZipFile

import openpyxl
from lxml import etree
from openpyxl.utils.exceptions import InvalidFileException

from db.errors import BadInputError
from intake.formats.escaping import escape_text, table
from intake.formats.office import office_title
from intake.formats.reading import Placed, Reading, Tell
from intake.formats.zipped import open_zip

MAX_ROWS, MAX_COLUMNS = 200_000, 1_000
"""Of a sheet, as far as it is read: what lies beyond is mostly a format without a value."""

_MOST_EMPTY = 10_000
"""So many empty rows end a sheet."""

_TOLD_EVERY = 1_000


def read_xlsx(data: bytes, tell: Tell) -> Reading:
    """Each sheet as Markdown under its name: a table for each block of rows.

    Hidden sheets, rows and columns are left out.

    A row of one cell above a table is a line of text, and the next row the header. A formula's value is the one that
    was stored with it.

    Raises:
        BadInputError: it is protected or damaged.
    """
    kind = "an Excel workbook (.xlsx)"
    with open_zip(data, kind) as archive:
        title = office_title(archive)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, BadZipFile, OSError, KeyError, ValueError):
        raise BadInputError(f"there is no {kind[3:]} in it; open it in Excel and save it anew") from None
    parts = []
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for number, sheet in enumerate(sheets):
        tell(number, len(sheets))
        if blocks := list(_blocks(sheet, lambda done: tell(done, len(sheets)), number)):
            place = f"#sheet={quote(sheet.title, safe='')}"
            parts.append(Placed("\n\n".join([f"# {escape_text(sheet.title)}", *blocks]), place))
    book.close()
    return Reading(title, parts)


def _blocks(sheet: Any, tell: Any, number: int) -> Iterator[str]:  # noqa: ANN401 - openpyxl's
    rows: list[list[str]] = []
    empty = 0
    hidden_rows, hidden_columns = _hidden(sheet)
    sheet.reset_dimensions()  # what the file says of them may be wrong
    # without a width, which would fill up each row to it
    for count, cells in enumerate(sheet.iter_rows(max_row=MAX_ROWS)):
        if count % _TOLD_EVERY == 0:
            tell(number)
        row = ["" if column in hidden_columns else _written(cell) for column, cell in enumerate(cells[:MAX_COLUMNS], 1)]
        if count + 1 in hidden_rows:
            continue
        if any(row):
            rows.append(row)
            empty = 0
            continue
        empty += 1
        if rows:
            yield block_markdown(rows)
            rows = []
        if empty > _MOST_EMPTY:
            break
    if rows:
        yield block_markdown(rows)


def _hidden(sheet: Any) -> tuple[set[int], set[int]]:  # noqa: ANN401 - openpyxl's
    """The numbers of the rows and columns that somebody hid; what a filter or an outline folds away is none."""
    rows: set[int] = set()
    columns: set[int] = set()
    number = 0
    with sheet.parent._archive.open(sheet._worksheet_path) as source:
        parts = etree.iterparse(source, tag=("{*}row", "{*}col", "{*}autoFilter"), resolve_entities=False)
        for _, part in parts:
            is_hidden = part.get("hidden") in ("1", "true") and part.get("outlineLevel", "0") == "0"
            if part.tag.endswith("}row"):
                number = int(part.get("r") or number + 1)
                rows |= {number} if is_hidden else set()
            elif part.tag.endswith("}col") and is_hidden:
                columns |= {*range(int(part.get("min", 1)), min(int(part.get("max", 1)), MAX_COLUMNS) + 1)}
            elif part.tag.endswith("}autoFilter"):
                rows = set()
            part.clear()
            while part.getprevious() is not None:
                del part.getparent()[0]
    return rows, columns


def block_markdown(rows: list[list[str]]) -> str:
    """Rows without an empty one between them: lines of text, and the table under them, without its empty columns."""
    width = max(map(len, rows))
    even = [[*row, *[""] * (width - len(row))] for row in rows]
    used = [column for column in range(width) if any(row[column] for row in even)]
    kept = [[row[column] for column in used] for row in even]
    lines = []
    while len(kept) > 1 and len(used) > 1 and sum(map(bool, kept[0])) == 1:
        lines.append(escape_text("".join(kept.pop(0))))
    if len(used) == 1:
        return "\n".join(escape_text(row[0]) for row in kept)
    if len(kept) == 1 and not lines:
        return escape_text(" ".join(filter(None, kept[0])))
    return "\n\n".join([*lines, table([[escape_text(cell) for cell in row] for row in kept])])


def _written(cell: Any) -> str:  # noqa: ANN401 - openpyxl's
    """A cell's value as a person reads it there, in the form of ISO 8601 where it is a date."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "minutes")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, int | float):
        if "%" in (cell.number_format or ""):
            return f"{100 * value:.10g}%"
        return f"{value:.15g}"
    return str(value).strip()
