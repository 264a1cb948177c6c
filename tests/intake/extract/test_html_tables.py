"""Every cell of a table says what it is, whatever it spans."""

from __future__ import annotations

import pytest

from intake.extract.html import html_to_markdown


def read(html: str) -> list[str]:
    return html_to_markdown(f"<table>{html}</table>")[1].strip().split("\n")


@pytest.mark.parametrize(
    ("html", "rows"),
    [
        (
            "<tr><th>Country<th>Days<tr><td rowspan=2>Norway<td>1<tr><td>2<tr><td>Spain<td>3",
            ["| Country | Days |", "| --- | --- |", "| Norway | 1 |", "| Norway | 2 |", "| Spain | 3 |"],
        ),
        (
            "<tr><th>A<th>B<th>C<tr><td colspan=2>x<td>y<tr><td>1<td colspan=2>z",
            ["| A | B | C |", "| --- | --- | --- |", "| x | x | y |", "| 1 | z | z |"],
        ),
        (
            "<thead><tr><th rowspan=2>Team<th colspan=2>2024<tr><th>Q1<th>Q2<tbody><tr><td>Ops<td>1<td>2",
            ["| Team | 2024 Q1 | 2024 Q2 |", "| --- | --- | --- |", "| Ops | 1 | 2 |"],
        ),
        (
            "<thead><tr><td>A<td>B<tr><td>in €<td>in %<tbody><tr><td>1<td>2",
            ["| A in € | B in % |", "| --- | --- |", "| 1 | 2 |"],
        ),
        (
            "<tr><th>A<th>B<tr><td rowspan=2 colspan=2>x<tr><tr><td>1<td>2",
            ["| A | B |", "| --- | --- |", "| x | x |", "| x | x |", "| 1 | 2 |"],
        ),
        ("<tr><th>A<tr><td>x|y<br>z", ["| A |", "| --- |", "| x\\|y<br>z |"]),
        ("<tr><th>A<th>B<tr><td rowspan=0>x<td>1<tr><td>2", ["| A | B |", "| --- | --- |", "| x | 1 |", "| x | 2 |"]),
        ("<tr><th>A<tr><td rowspan=-1 colspan=x>x", ["| A |", "| --- |", "| x |"]),
        (
            "\n <tr>\n  <th>A</th>\n  <th>B</th>\n </tr>\n <tr>\n  <td>1</td>\n  <td>2</td>\n </tr>\n",
            ["| A | B |", "| --- | --- |", "| 1 | 2 |"],
        ),
    ],
)
def test_cells_stand_wherever_they_are_read(html: str, rows: list[str]) -> None:
    assert read(html) == rows


def test_rows_that_are_not_there_are_not_made() -> None:
    assert read("<tr><th>A<tr><td rowspan=60000>x") == ["| A |", "| --- |", "| x |"]


def test_tables_that_lay_out_a_page_are_left_alone() -> None:
    assert "inner" in "".join(read("<tr><td rowspan=2>outer<td><table><tr><td>inner</table><tr><td>more"))


@pytest.mark.parametrize(
    "html",
    [
        "<colgroup><col><col></colgroup><tr><th>A<th>B<tr><td>1<td>2<tr><td>3<td>4",
        "<colgroup><col><col></colgroup><tbody><tr><th>A<th>B<tr><td>1<td>2<tr><td>3<td>4</tbody>",
        "<tr></tr><tr><th>A<th>B<tr><td>1<td>2<tr><td>3<td>4",
        "<thead><tr><th>A<th>B</thead><tbody><tr><td>1<td>2</tbody><tfoot><tr><td>3<td>4</tfoot>",
        "<tr><th>A<th>B<tbody><tr><td>1<td>2<tbody><tr><td>3<td>4",
        "\n<tbody>\n<tr>\n<th>A\n<th>B\n</tbody>\n<tbody>\n<tr>\n<td>1\n<td>2\n<tr>\n<td>3\n<td>4\n</tbody>\n",
    ],
)
def test_a_table_has_one_header_and_it_stands_first(html: str) -> None:
    assert read(html) == ["| A | B |", "| --- | --- |", "| 1 | 2 |", "| 3 | 4 |"]


def test_a_caption_stands_above_its_table() -> None:
    table = "<colgroup><col></colgroup><caption>Rates</caption><tr><th>A<tr><td>1"
    assert read(table) == ["Rates", "", "| A |", "| --- |", "| 1 |"]
