"""A workbook is read sheet by sheet, as tables of the values that are shown."""

from __future__ import annotations

import datetime
import tracemalloc
from typing import Any

import pytest

from db.errors import BadInputError
from intake.formats.reading import Placed
from intake.formats.xlsx import block_markdown, read_xlsx
from tests.intake.formats.making import unheard, with_member, workbook, zipped


def test_each_sheet_has_its_place_and_hidden_ones_are_left_out() -> None:
    def fill(book: Any) -> None:
        book.active.title = "Leave days"
        book.active.append(["Country", "Days"])
        book.active.append(["Norway", 25])
        book.create_sheet("Secret").append(["a", "b"])
        book["Secret"].sheet_state = "hidden"
        book.create_sheet("Empty")
        book.create_sheet("R&D").append(["x", "y"])

    assert read_xlsx(workbook(fill), unheard).parts == [
        Placed("# Leave days\n\n| Country | Days |\n|---|---|\n| Norway | 25 |", "#sheet=Leave%20days"),
        Placed("# R&D\n\nx y", "#sheet=R%26D"),
    ]


def test_values_are_written_as_they_are_read() -> None:
    values = [
        datetime.time(9, 30),
        0.15,
        0.1 + 0.2,
        2.0,
        True,
        datetime.date(2026, 3, 1),
        datetime.datetime(2026, 3, 1, 9, 30),
        "a|b",
        None,
    ]

    def fill(book: Any) -> None:
        book.active.append([f"c{number}" for number in range(len(values))])
        book.active.append(values)
        book.active["B2"].number_format = "0%"

    (part,) = read_xlsx(workbook(fill), unheard).parts
    assert part.text.endswith("| 09:30:00 | 15% | 0.3 | 2 | TRUE | 2026-03-01 | 2026-03-01 09:30 | a\\|b |  |")


def test_a_formula_s_value_is_the_one_that_was_stored() -> None:
    data = workbook(lambda book: book.active.append(["Sum", "=1+1"]))
    stored = (
        '<row r="1"><c r="A1" t="str"><v>Sum</v></c><c r="B1"><f>WEBSERVICE("http://x.test")</f><v>42</v></c></row>'
    )
    names = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = f"<worksheet {names}><sheetData>{stored}</sheetData></worksheet>"
    (part,) = read_xlsx(with_member(data, "xl/worksheets/sheet1.xml", sheet), unheard).parts
    assert part.text == "# Sheet\n\nSum 42"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            [["Leave by country", ""], ["Country", "Days"], ["Norway", "25"]],
            "Leave by country\n\n| Country | Days |\n|---|---|\n| Norway | 25 |",
        ),
        ([["a"], ["b"]], "a\nb"),
        ([["", "a", "", "b"], ["", "c", "", "d"]], "| a | b |\n|---|---|\n| c | d |"),
        ([["a", "b"], ["c"]], "| a | b |\n|---|---|\n| c |  |"),
    ],
)
def test_a_block_of_rows_is_a_table_under_its_lines(rows: list[list[str]], text: str) -> None:
    assert block_markdown(rows) == text


def test_cells_far_away_cost_nothing() -> None:
    def fill(book: Any) -> None:
        book.active["A1"] = "near"
        book.active["XFD1"] = "far to the right"
        book.active["A1048576"] = "far below"

    assert read_xlsx(workbook(fill), unheard).parts == [Placed("# Sheet\n\nnear", "#sheet=Sheet")]


def test_rows_and_columns_that_somebody_hid_are_left_out() -> None:
    def fill(book: Any) -> None:
        for row in (["Name", "Pay", "Days"], ["Ada", "secret", 1], ["Eve", "secret", 2], ["Bob", "secret", 3]):
            book.active.append(row)
        book.active.column_dimensions["B"].hidden = True
        book.active.row_dimensions[3].hidden = True

    (part,) = read_xlsx(workbook(fill), unheard).parts
    assert part.text == "# Sheet\n\n| Name | Days |\n|---|---|\n| Ada | 1 |\n| Bob | 3 |"


def test_rows_that_a_filter_or_an_outline_folds_away_are_read() -> None:
    def fill(book: Any) -> None:
        for sheet in (book.active, book.create_sheet()):
            for row in (["Name", "Days"], ["Ada", 1], ["Eve", 2]):
                sheet.append(row)
            sheet.row_dimensions[3].hidden = True
        book.worksheets[0].auto_filter.ref = "A1:B3"
        book.worksheets[1].row_dimensions[3].outlineLevel = 1

    assert all("| Eve | 2 |" in part.text for part in read_xlsx(workbook(fill), unheard).parts)


def test_many_rows_take_memory_for_what_is_in_them() -> None:
    data = workbook(lambda book: [book.active.append([number, "x", "y"]) for number in range(5_000)])
    tracemalloc.start()
    read_xlsx(data, unheard)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 20_000_000


@pytest.mark.parametrize("data", [zipped({"a": "b"}), zipped({"[Content_Types].xml": "<x/>"}), b"PK\x03\x04"])
def test_what_is_none_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(BadInputError, match="save it anew"):
        read_xlsx(data, unheard)
