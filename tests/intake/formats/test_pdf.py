"""A PDF is read page by page, as a person would read it."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from db.errors import BadInputError, NoTextError
from intake.extract import FileReader, Limits
from intake.formats import pdf as pdf_module
from intake.formats.pdf import NO_TEXT, read_pdf
from intake.formats.reading import Reading
from intake.formats.zipped import PROTECTED
from tests.intake.formats.making import code, drawn, grid, heading, pdf, unheard, words

LEAVE = "Everybody has twenty-eight days of leave. " * 10


def read(data: bytes) -> Reading:
    return read_pdf(data, unheard)


def texts(data: bytes) -> list[str]:
    return [part.text for part in read(data).parts]


def test_pages_have_their_places_headings_and_paragraphs() -> None:
    reading = read(
        pdf([heading("Leave"), words(LEAVE), heading("Sick", 2), words(LEAVE)], [heading("Pay"), words("Monthly.")])
    )
    assert [part.place for part in reading.parts] == ["#page=1", "#page=2"]
    assert reading.parts[0].text == f"# Leave\n\n{LEAVE.strip()}\n\n## Sick\n\n{LEAVE.strip()}"
    assert reading.parts[1].text == "# Pay\n\nMonthly."


@pytest.mark.parametrize(
    ("written", "title"),
    [("Travel policy", "Travel policy"), ("Microsoft Word - v3 final.docx", None), ("untitled", None), (None, None)],
)
def test_its_title_is_taken_where_it_says_something(written: str | None, title: str | None) -> None:
    assert read(pdf([words("x")], title=written)).title == title


def test_tables_have_rows_and_columns_and_code_its_lines() -> None:
    rows = [["Deck", "Cars", "Who"], ["A", "40", "Guests"], ["B", "100", "Staff | others"]]
    (text,) = texts(
        pdf([words(LEAVE), grid(rows), code("def f(x):\n    return <x>\n\nprint(f(1))"), words("The end.")])
    )
    assert "| Deck | Cars | Who |\n|---|---|---|\n| A | 40 | Guests |\n| B | 100 | Staff \\| others |" in text
    assert "```\ndef f(x):\n    return <x>\n\nprint(f(1))\n```\n\nThe end." in text


def test_a_cell_of_several_lines_is_one_cell() -> None:
    rows = [["Deck", "Who"], ["A", words("Guests and their cars " * 10)], ["B", "Staff"]]
    (text,) = texts(pdf([words(LEAVE), grid(rows)]))
    assert f"| A | {('Guests and their cars ' * 10).strip()} |\n| B | Staff |" in text


def test_running_heads_and_feet_are_left_out_and_what_stands_once_stays() -> None:
    pages = [[heading("Leave"), words(f"On day {number} of all.")] for number in range(4)]
    joined = "\n".join(texts(pdf(*pages, running=True)))
    assert "ACME" not in joined
    assert "Page" not in joined
    assert joined.count("# Leave") == 4
    assert "On day 3 of all." in joined


def test_words_divided_at_a_line_s_end_are_whole_and_compounds_keep_their_hyphens() -> None:
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(
            ["the employ-", "ment of part-time", "people and the well-", "known 2024-", "25 plan"]
        ):
            canvas.drawString(72, 700 - 12 * number, line)

    assert texts(drawn(draw)) == ["the employment of part-time people and the wellknown 2024- 25 plan"]


def test_a_sentence_goes_to_the_page_where_it_begins() -> None:
    assert texts(
        pdf(
            [
                words("One. The leave of"),
            ],
            [words("all people is long. Next.")],
            [words("Last.")],
        )
    ) == [
        "One. The leave of all people is long.",
        "Next.",
        "Last.",
    ]
    assert texts(pdf([words("The employ-")], [words("ment of all. Next.")])) == ["The employment of all.", "Next."]


def test_columns_are_read_one_after_the_other() -> None:
    def draw(canvas: Canvas) -> None:
        for column in range(2):
            for line in range(30):
                canvas.drawString(72 + 240 * column, 700 - 12 * line, f"column {column} line {line} of so many")

    text = texts(drawn(draw))[0]
    assert text.index("column 0 line 29") < text.index("column 1 line 0")


def beside(canvas: Canvas, left: Sequence[str], right: Sequence[str]) -> None:
    """Two columns, set line by line over both."""
    canvas.setFont("Helvetica", 10)
    for number, (one, other) in enumerate(zip_longest(left, right)):
        for x, text in ((60, one), (300, other)):
            if text:
                canvas.drawString(x, 760 - 12 * number, text)


def test_columns_that_were_set_line_by_line_are_read_one_after_the_other() -> None:
    said = [" ".join(f"{side} sentence {n} tells that matter {n * 7} is settled." for n in range(20)) for side in "LR"]

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(60, 800, "A paper")
        beside(canvas, *(wrap(text, 42) for text in said))

    heading, text = texts(drawn(draw))[0].split("\n\n", 1)
    assert heading == "# A paper"
    assert " ".join(text.split()) == " ".join(said)


def test_rows_of_long_cells_stay_rows() -> None:
    names = [f"Allowance {n} of the people" + " team" * (n % 4) for n in range(12)]
    rules = [f"is paid on day {n} of each month, as agreed." for n in range(12)]

    def draw(canvas: Canvas) -> None:
        beside(canvas, names, rules)

    text = re.sub(r"[|\s-]+", " ", texts(drawn(draw))[0])
    assert all(f"{name} {rule}" in text for name, rule in zip(names, rules, strict=True))


def test_bullets_and_numbers_are_items() -> None:
    assert texts(pdf([words("• a first"), words("• a second"), words("1. one"), words("2. two")])) == [
        "- a first\n\n- a second\n\n1. one\n\n2. two"
    ]


def test_what_looks_like_markup_is_text() -> None:
    assert texts(pdf([words("# no heading &lt;b&gt; &amp;amp;")])) == ["\\# no heading \\<b> \\&amp;"]


def test_a_protected_one_is_refused_with_what_to_do() -> None:
    with pytest.raises(BadInputError) as caught:
        read(pdf([words("secret")], password="hush"))
    assert str(caught.value) == PROTECTED


def test_a_scan_is_told_from_a_document() -> None:
    image = ImageReader(Image.new("RGB", (100, 100), "white"))
    with pytest.raises(NoTextError) as caught:
        read(drawn(lambda canvas: canvas.drawImage(image, 0, 0), lambda canvas: canvas.drawImage(image, 0, 0)))
    assert str(caught.value) == NO_TEXT


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing", b"no pdf", b"%PDF-", pdf([words(LEAVE)])[:300]])
def test_a_damaged_one_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(BadInputError, match="damaged"):
        read(data)


def test_a_page_that_is_damaged_costs_no_other() -> None:
    data = pdf([words("one")], [words("two")], [words("three")])
    kids = re.search(rb"/Kids \[ (\d+ 0 R) (\d+ 0 R) ", data)
    assert kids is not None
    broken = data[: kids.start(2)] + b"0 0 R".ljust(len(kids[2])) + data[kids.end(2) :]
    assert [(part.text, part.place) for part in read(broken).parts] == [("one", "#page=1"), ("three", "#page=3")]


def test_pages_in_the_tens_of_thousands_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_module, "_MOST_PAGES", 2)
    with pytest.raises(BadInputError, match="more than 2 pages; split it"):
        read(pdf([words("1")], [words("2")], [words("3")]))


def test_how_far_it_is_is_told_page_by_page() -> None:
    heard: list[tuple[int, int]] = []
    read_pdf(pdf([words("1")], [words("2")], [words("3")]), lambda done, total: heard.append((done, total)))
    assert heard == [(0, 3), (1, 3), (2, 3)]


def _bomb(megabytes: int) -> bytes:
    """One page whose contents are so many megabytes of words."""
    packer = zlib.compressobj()
    text = b"BT /F1 9 Tf 9 9 Td (words of a bomb) Tj ET\n" * 25_000
    start = packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)
    content = start + again * megabytes + packer.flush()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, own in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, own))
    table = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % table)
    return out.getvalue()


def test_a_bomb_ends_its_process_alone() -> None:
    with FileReader(Limits(cpu_s=5, memory_bytes=600_000_000)) as read_file:
        with pytest.raises(BadInputError, match="split it"):
            read_file(".pdf", _bomb(1_000))
        assert read_file(".pdf", pdf([words("Text.")])).parts[0].text == "Text."
