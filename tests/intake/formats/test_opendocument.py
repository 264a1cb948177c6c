"""An OpenDocument text is read as it is printed."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from db.errors import BadInputError
from intake.extract import extract_document
from intake.formats.opendocument import read_odt
from intake.formats.zipped import PROTECTED
from tests.intake.formats.making import odt, unheard, zipped


def read(body: str, styles: str = "") -> list[tuple[tuple[str, ...], str]]:
    return [(own.path, own.text) for own in extract_document(odt(body, styles=styles), PurePath("a.odt")).sections]


def test_headings_lists_tables_and_notes_are_kept() -> None:
    cells = "".join(f"<table:table-cell><text:p>{own}</text:p></table:table-cell>" for own in ("Deck", "Cars"))
    more = cells.replace("Deck", "A").replace("Cars", "40")
    body = (
        '<text:h text:outline-level="1">Leave</text:h><text:p>Days<text:s text:c="2"/>of'
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>paid</text:p></text:note-body></text:note></text:p>"
        "<text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>"
        '<text:h text:outline-level="2">Parking</text:h>'
        f"<table:table><table:table-row>{cells}</table:table-row><table:table-row>{more}</table:table-row></table:table>"
    )
    (first, second) = read(body)
    assert first[0] == ("Leave",) and "- one" in first[1] and "paid" in first[1]
    assert second == (("Leave", "Parking"), "| Deck | Cars |\n| --- | --- |\n| A | 40 |")


def test_code_is_one_block() -> None:
    styles = '<style:style style:name="P1" style:parent-style-name="Preformatted_20_Text"/>'
    lines = "def f(x):", '<text:s text:c="4"/>return x'
    body = "".join(f'<text:p text:style-name="P1">{line}</text:p>' for line in lines)
    assert read(body, styles) == [((), "```\ndef f(x):\n    return x\n```")]


def test_links_stops_and_cells_that_span_keep_what_they_mean() -> None:
    wide = '<table:table-cell table:number-columns-spanned="2"><text:p>wide</text:p></table:table-cell>'
    row = "<table:table-row>{}</table:table-row>"
    narrow = "".join(f"<table:table-cell><text:p>{own}</text:p></table:table-cell>" for own in "ab")
    body = (
        '<text:p>Deck<text:tab/>A: <text:a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="https://x.test/leave">leave</text:a></text:p>'
        f"<table:table>{row.format(narrow)}{row.format(wide + '<table:covered-table-cell/>')}</table:table>"
    )
    ((_, text),) = read(body)
    assert text.startswith("Deck A: [leave](https://x.test/leave)")
    assert text.endswith("| a | b |\n| --- | --- |\n| wide | wide |")


def test_of_tracked_changes_the_final_text_counts_and_comments_are_none() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>forbidden</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        "<text:p>It is allowed<office:annotation><text:p>really?</text:p></office:annotation>.</text:p>"
    )
    assert read(body) == [((), "It is allowed.")]


def test_its_title_is_taken() -> None:
    assert read_odt(odt("<text:p>x</text:p>", title="Leave"), unheard).title == "Leave"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (odt("x", manifest="<m><encryption-data/></m>"), PROTECTED),
        (zipped({"a": "b"}), "no OpenDocument text"),
        (zipped({"META-INF/manifest.xml": "", "content.xml": "<broken"}), "no OpenDocument text"),
        (zipped({"META-INF/manifest.xml": "", "content.xml": "<x/>"}), "no OpenDocument text"),
        (b"PK\x03\x04", "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(data: bytes, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        read_odt(data, unheard)


@pytest.mark.parametrize(
    "hidden",
    [
        '<text:p text:style-name="H">secret</text:p>',
        '<text:p><text:span text:style-name="H">secret</text:span></text:p>',
        '<text:section text:display="none"><text:p>secret</text:p></text:section>',
        '<text:p><text:hidden-text text:condition="x">secret</text:hidden-text></text:p>',
        '<text:p><text:hidden-paragraph text:condition="x"/>secret</text:p>',
    ],
)
def test_hidden_text_is_left_out(hidden: str) -> None:
    style = '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
    (part,) = read_odt(odt(f"{hidden}<text:p>seen</text:p>", styles=style), unheard).parts
    assert part.text.replace("<p></p>", "") == "<p>seen</p>"
