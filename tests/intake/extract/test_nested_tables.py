"""A table within a table loses nothing, and nobody reads its pipes."""

from __future__ import annotations

import pytest

from intake.extract.html import html_to_markdown

INNER = "<table><tr><th>Kind<th>Max<tr><td>Seats<td>50<tr><td>GB<td>100</table>"
AS_TABLE = ["| Kind | Max |", "| --- | --- |", "| Seats | 50 |", "| GB | 100 |"]
AS_LINES = "Kind, Max<br>Seats, 50<br>GB, 100"


def read(html: str) -> list[str]:
    return [line for line in html_to_markdown(f"<table>{html}</table>")[1].split("\n") if line]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (INNER, AS_LINES),
        (f"Limits: {INNER}", f"Limits: {AS_LINES}"),
        (f"{INNER} a month", f"{AS_LINES}<br> a month"),
        (f"<p>One</p>{INNER}{INNER}", f"One {AS_LINES}<br>{AS_LINES}"),
        ("<table><caption>Limits</caption><tr><td>Seats<td><td>50</table>", "Limits<br>Seats, 50"),
        ("<table><thead><tr><th>A<tbody><tr><td>a|b<tfoot><tr><td>c</table>", "A<br>a\\|b<br>c"),
        ("<table><tr><td>A<td><table><tr><td>1<td>2<tr><td>3</table><tr><td>B</table>", "A, 1, 2<br>3<br>B"),
        ("<table><tr><td><a href='/seats'>Seats</a><td><b>50</b></table>", "[Seats](/seats), **50**"),
        ("<table></table>none", "none"),
    ],
)
@pytest.mark.parametrize("header", ["<tr><th>Plan<th>Limits", "<tr><td><b>Plan</b><td><strong>Limits</strong>"])
def test_a_cells_own_table_becomes_its_lines(header: str, cell: str, said: str) -> None:
    rows = read(f"{header}<tr><td>Pro<td>{cell}</td></tr><tr><td>Free<td>-")
    assert rows == ["| Plan | Limits |", "| --- | --- |", f"| Pro | {said} |", "| Free | - |"]


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        (f"<tr><td><h1>Plans</h1><p>All of them.</p>{INNER}", ["# Plans", "All of them.", *AS_TABLE]),
        (f"<tbody><tr><td>Menu<td>{INNER}<tr><td colspan=2>Imprint", ["Menu", *AS_TABLE, "Imprint"]),
        (f"<tr><td><table><tr><td>{INNER}<tr><td>{INNER}</table>", [*AS_TABLE, *AS_TABLE]),
        (
            f"<tr><td><table><tr><th>Plan<th>Limits<tr><td>Pro<td>{INNER}</table>",
            ["| Plan | Limits |", "| --- | --- |", f"| Pro | {AS_LINES} |"],
        ),
    ],
)
def test_a_table_that_lays_out_a_page_is_no_table(html: str, lines: list[str]) -> None:
    assert read(html) == lines
