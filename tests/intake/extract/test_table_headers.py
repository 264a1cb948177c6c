"""A table has the header that its readers see, once and above everything."""

from __future__ import annotations

import pytest

from intake.extract.html import html_to_markdown

HEAD = "<tr><th>Plan<th>Price"
NAMES = ["| Plan | Price |", "| --- | --- |"]


def read(html: str) -> list[str]:
    return html_to_markdown(f"<table>{html}</table>")[1].strip().split("\n")


@pytest.mark.parametrize(
    "first",
    [
        "<td><b>Plan</b><td><strong>Price</strong>",
        "<td><p><b>Plan</b></p><td> <span><b>Pri</b><b>ce</b></span> ",
        "<td><b><i></i>Plan</b><th>Price",
        "<td style='font-weight: bold'>Plan<td><span style='font-weight:700'>Price</span>",
    ],
)
def test_a_first_row_of_bold_cells_is_the_header(first: str) -> None:
    read_first = read(f"<tr>{first}<tr><td><b>Basic</b><td>5<tr><td>Pro<td>9")
    assert read_first == [*NAMES, "| **Basic** | 5 |", "| Pro | 9 |"]
    assert read(f"<tbody><tr>{first}<tr><td>Pro<td>9</tbody>") == [*NAMES, "| Pro | 9 |"]


def test_a_bold_header_may_leave_a_corner_empty_or_have_a_title_or_a_total() -> None:
    corner = read("<tr><td><td><b>2024</b><tr><td>Ops<td>1")
    assert corner == ["|  | 2024 |", "| --- | --- |", "| Ops | 1 |"]
    titled = read("<tr><td colspan=2><b>2024</b><tr><td><b>Plan</b><td><b>Price</b><tr><td>Pro<td>9")
    assert titled == ["| 2024 Plan | 2024 Price |", "| --- | --- |", "| Pro | 9 |"]
    total = read("<tr><td><b>Plan</b><td><b>Price</b><tr><td>Pro<td>9<tr><td><b>All</b><td><b>9</b>")
    assert total == [*NAMES, "| Pro | 9 |", "| **All** | **9** |"]


@pytest.mark.parametrize(
    "html",
    [
        "<tr><td><b>Plan</b><td>Price<tr><td>Pro<td>9",
        "<tr><td><b>Plan</b> x<td><b>Price</b><tr><td>Pro<td>9",
        "<tr><td><b>Plan</b><td><b>Price</b><tr><td><b>Pro</b><td><b>9</b>",
        "<tr><td><b>A</b><td><b>1</b><tr><td><b>B</b><td><b>2</b><tr><td>C<td>3",
        "<tr><td><b>A</b><td><b>1</b><tr><td>B<td>2<tr><td><b>C</b><td><b>3</b><tr><td><b>D</b><td><b>4</b>",
        "<tr><td><b>Plan</b><td><b>Price</b>",
        "<tr><td style='font-weight:normal'>Plan<td><b>Price</b><tr><td>Pro<td>9",
        "<tr><td>Plan<td>Price<tr><td><b>Pro</b><td><b>9</b>",
    ],
)
def test_a_bold_row_among_others_is_none(html: str) -> None:
    assert read(html)[:2] == ["|  |  |", "| --- | --- |"]


def test_a_bold_row_under_a_header_is_a_row() -> None:
    assert read(f"{HEAD}<tr><td><b>Pro</b><td><b>9</b>") == [*NAMES, "| **Pro** | **9** |"]


@pytest.mark.parametrize(
    "html",
    [
        f"{HEAD}<tr><td>A<td>1{HEAD}<tr><td>B<td>2",
        f"<thead>{HEAD}<tbody><tr><td>A<td>1</tr></tbody><thead>{HEAD}</tr></thead><tbody><tr><td>B<td>2",
        f"<thead>{HEAD}<tbody><tr><td>A<td>1{HEAD}<tr><td>B<td>2</tbody>",
        f"<thead>{HEAD}<tbody>{HEAD}<tr><td>A<td>1<tr><td>B<td>2{HEAD}</tbody>",
        f"<thead>{HEAD}<tbody><tr><td>A<td>1<tr><td> Plan <td><b>Price</b><tr><td>B<td>2</tbody>",
        f"<tbody>{HEAD}<tr><td>A<td>1<tbody>{HEAD}<tr><td>B<td>2",
        "<tr><td><b>Plan</b><td><b>Price</b><tr><td>A<td>1<tr><td><b>Plan</b><td><b>Price</b><tr><td>B<td>2",
        f"{HEAD}<tr><td>A<td>1<tfoot>{HEAD}</tfoot><tbody><tr><td>B<td>2",
    ],
)
def test_a_header_that_comes_again_is_said_once(html: str) -> None:
    assert read(html) == [*NAMES, "| A | 1 |", "| B | 2 |"]


def test_a_header_of_two_rows_that_comes_again_is_said_once() -> None:
    head = "<tr><th rowspan=2>Team<th colspan=2>2024<tr><th>Q1<th>Q2"
    rows = read(f"{head}<tr><td>Ops<td>1<td>2{head}<tr><td>Web<td>3<td>4")
    assert rows == ["| Team | 2024 Q1 | 2024 Q2 |", "| --- | --- | --- |", "| Ops | 1 | 2 |", "| Web | 3 | 4 |"]


def test_another_header_is_a_row() -> None:
    another = "<tr><th>Add-on<th>Price"
    said = [*NAMES, "| A | 1 |", "| Add-on | Price |", "| B | 2 |"]
    assert read(f"{HEAD}<tr><td>A<td>1{another}<tr><td>B<td>2") == said
    parts = f"<thead>{HEAD}</thead><tbody><tr><td>A<td>1</tr></tbody><thead>{another}</tr></thead><tbody><tr><td>B<td>2"
    assert read(parts) == said


def test_parts_stand_where_they_are_shown() -> None:
    html = f"<tfoot><tr><td>All<td>3</tfoot><tbody><tr><td>A<td>1<tr><td>B<td>2</tbody><thead>{HEAD}</thead>"
    assert read(html) == [*NAMES, "| A | 1 |", "| B | 2 |", "| All | 3 |"]
    assert read(f"<thead></thead><tbody>{HEAD}<tr><td>A<td>1</tbody>") == [*NAMES, "| A | 1 |"]
