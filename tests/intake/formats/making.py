"""Files of many formats, as the libraries make them that people's programs use."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import docx
import openpyxl
import pptx
from reportlab.lib import colors
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, Preformatted, SimpleDocTemplate, Table, TableStyle

STYLES = getSampleStyleSheet()


def heading(text: str, level: int = 1) -> Paragraph:
    return Paragraph(text, STYLES[f"Heading{level}"])


def words(text: str) -> Paragraph:
    return Paragraph(text, STYLES["BodyText"])


def code(text: str) -> Preformatted:
    return Preformatted(text, STYLES["Code"])


def grid(rows: Sequence[Sequence[Any]]) -> Table:
    return Table(
        rows, style=TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    )


def pdf(*pages: Sequence[Any], title: str | None = None, running: bool = False, password: str | None = None) -> bytes:
    """A PDF of these pages' flowables; with a running head and foot if told so."""

    def edges(canvas: Canvas, document: Any) -> None:
        if running:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(50, 820, "ACME confidential")
            canvas.drawString(280, 20, f"Page {document.page} of {len(pages)}")

    out = io.BytesIO()
    options: dict[str, Any] = {"title": title} if title else {}
    if password:
        options["encrypt"] = password
    flowables = [one for page in pages for one in (*page, PageBreak())][:-1]
    SimpleDocTemplate(out, **options).build(flowables, onFirstPage=edges, onLaterPages=edges)
    return out.getvalue()


def drawn(*pages: Callable[[Canvas], object], invariant: int = 1) -> bytes:
    """A PDF drawn by hand."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=invariant)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def word(write: Callable[[Any], object], title: str = "") -> bytes:
    """A Word document that `write` fills."""
    document = docx.Document()
    document.core_properties.title = title
    write(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def zipped(members: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_member(archive: bytes, name: str, content: bytes | str) -> bytes:
    """An archive in which one member is another."""
    with zipfile.ZipFile(io.BytesIO(archive)) as before:
        members: dict[str, bytes | str] = {own: before.read(own) for own in before.namelist()}
    return zipped(members | {name: content})


def unheard(_done: int, _total: int) -> None:
    """Hears how far a reader is, and says nothing."""


def slides(*made: tuple[str, Sequence[str]], hidden: Sequence[int] = (), notes: str = "") -> bytes:
    """A presentation of slides, each a title and its lines; those at these places are hidden, the first has notes."""
    presentation = pptx.Presentation()
    for number, (title, lines) in enumerate(made):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "\n".join(lines)
        if number in hidden:
            slide.element.set("show", "0")
        if notes and number == 0:
            slide.notes_slide.notes_text_frame.text = notes
    out = io.BytesIO()
    presentation.save(out)
    return out.getvalue()


def workbook(fill: Callable[[Any], object]) -> bytes:
    """A workbook that `fill` fills."""
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def odt(body: str, *, styles: str = "", title: str = "", manifest: str = "<manifest/>") -> bytes:
    """An OpenDocument text whose body is this."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style")
    )
    root = f'<office:document-content {names} xmlns:dc="http://purl.org/dc/elements/1.1/">'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": manifest,
            "meta.xml": f'<meta xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></meta>',
            "content.xml": f"{root}<office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:text>{body}</office:text></office:body></office:document-content>",
        }
    )


def epub(*chapters: str, title: str = "", encryption: str | None = None) -> bytes:
    """An e-book of these chapters' HTML."""
    items = "".join(
        f'<item id="c{n}" href="text/c%20{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    members: dict[str, bytes | str] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
    }
    members |= {f"OEBPS/text/c {n}.xhtml": f"<html><body>{text}</body></html>" for n, text in enumerate(chapters)}
    if encryption is not None:
        members["META-INF/encryption.xml"] = encryption
    return zipped(members)
