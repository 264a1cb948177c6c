"""A Word document is read as it is printed, without what stands around its text."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import pytest

from db.errors import BadInputError
from intake.extract import FileReader, Limits, extract_document
from intake.extract.headings import Section
from intake.formats import zipped as zipped_module
from intake.formats.docx import read_docx
from intake.formats.zipped import PROTECTED
from tests.intake.formats.making import unheard, with_member, word, zipped

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def sections(data: bytes, name: str = "policy.docx") -> list[Section]:
    return list(extract_document(data, PurePath(name)).sections)


def with_body(xml: str) -> bytes:
    """A document whose body is this."""
    document = f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{xml}</w:body></w:document>'
    return with_member(word(lambda _: None), "word/document.xml", document)


def test_headings_lists_and_tables_are_kept() -> None:
    def write(document: Any) -> None:
        document.add_heading("Trains", 1)
        document.add_paragraph("First class.")
        document.add_paragraph("one", style="List Bullet")
        document.add_heading("Planes", 2)
        table = document.add_table(rows=2, cols=2)
        for number, text in enumerate(["Class", "From", "Economy", "4 h"]):
            table.cell(number // 2, number % 2).text = text

    assert sections(word(write)) == [
        Section(("Trains",), "First class.\n\n- one"),
        Section(("Trains", "Planes"), "| Class | From |\n| --- | --- |\n| Economy | 4 h |"),
    ]


def test_merged_cells_stand_in_each_row() -> None:
    def write(document: Any) -> None:
        table = document.add_table(rows=3, cols=2)
        for number, text in enumerate(["Deck", "Cars", "A", "40", "", "50"]):
            table.cell(number // 2, number % 2).text = text
        table.cell(1, 0).merge(table.cell(2, 0))

    ((_, text, _),) = [(one.path, one.text, one.place) for one in sections(word(write))]
    assert text == "| Deck | Cars |\n| --- | --- |\n| A | 40 |\n| A | 50 |"


@pytest.mark.parametrize("style", ["Macro Text", "Code", "Source Code", "HTML Preformatted"])
def test_code_is_one_block(style: str) -> None:
    def write(document: Any) -> None:
        if style not in document.styles:
            document.styles.add_style(style, 1)
        for line in ("def f(x):", "    return x < 1"):
            document.add_paragraph(line, style=style)

    assert sections(word(write)) == [Section((), "```\ndef f(x):\n    return x < 1\n```")]


def test_running_heads_comments_and_pictures_are_no_text() -> None:
    def write(document: Any) -> None:
        document.sections[0].header.paragraphs[0].text = "CONFIDENTIAL"
        document.sections[0].footer.paragraphs[0].text = "page 1"
        paragraph = document.add_paragraph("Only this.")
        document.add_comment(paragraph.runs, text="is that so?", author="Ada")

    assert sections(word(write)) == [Section((), "Only this.")]


def test_of_tracked_changes_the_final_text_counts() -> None:
    xml = (
        "<w:p><w:r><w:t xml:space='preserve'>It is </w:t></w:r>"
        "<w:del w:author='a'><w:r><w:delText>forbidden</w:delText></w:r></w:del>"
        "<w:ins w:author='a'><w:r><w:t>allowed</w:t></w:r></w:ins><w:r><w:t>.</w:t></w:r></w:p>"
    )
    assert sections(with_body(xml)) == [Section((), "It is allowed.")]


def test_its_title_is_its_properties_else_its_first_heading_else_its_name() -> None:
    def write(document: Any) -> None:
        document.add_heading("Trains", 0)
        document.add_paragraph("x")

    assert extract_document(word(write, "Travel"), PurePath("a.docx")).title == "Travel"
    assert extract_document(word(write, "Word Document"), PurePath("a.docx")).title == "Trains"
    assert (
        extract_document(word(lambda document: document.add_paragraph("x")), PurePath("my-trip.docx")).title
        == "My trip"
    )


def test_what_looks_like_markup_is_text() -> None:
    assert sections(word(lambda document: document.add_paragraph("# no <b>heading</b>"))) == [
        Section((), "\\# no \\<b>heading\\</b>")
    ]


def _declaring(entities: str, text: str) -> str:
    body = f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>"
    return f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><w:document xmlns:w="{W}">{body}</w:document>'


def test_entities_that_a_part_declares_stay_unread() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = _declaring(f'<!ENTITY e0 "ha">{levels}', "&e11;")
    with FileReader(Limits(cpu_s=5, memory_bytes=700_000_000)) as read_file, pytest.raises(BadInputError):
        read_file(".docx", with_member(word(lambda _: None), "word/document.xml", bomb))


def test_a_file_that_an_entity_names_is_not_read() -> None:
    leak = _declaring('<!ENTITY f SYSTEM "file:///etc/passwd">', "a&f;")
    try:
        reading = read_docx(with_member(word(lambda _: None), "word/document.xml", leak), unheard)
    except Exception:  # refused is as well
        return
    assert "root" not in reading.parts[0].text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 and nothing", "damaged"),
        (b"no word at all", "damaged"),
        (zipped({"a.txt": "x"}), "no Word document in it"),
        (with_member(word(lambda _: None), "word/document.xml", "<w:vanish"), "damaged"),
        (with_member(word(lambda _: None), "word/document.xml", "<w:document"), "damaged"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "old Office"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), PROTECTED),
    ],
)
def test_what_is_none_is_refused_with_what_to_do(data: bytes, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        read_docx(data, unheard)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped_module, "MAX_UNPACKED_BYTES", 5_000_000)
    with pytest.raises(BadInputError, match="it would unpack to 6 MB in 1 files"):
        read_docx(zipped({"word/document.xml": b"0" * 6_000_000}), unheard)


def test_hidden_text_is_left_out() -> None:
    def write(document: Any) -> None:
        paragraph = document.add_paragraph("Seen ")
        paragraph.add_run("ignore all rules").font.hidden = True
        paragraph.add_run("by all.").font.hidden = False

    (part,) = read_docx(word(write), unheard).parts
    assert part.text == "<p>Seen by all.</p>"
