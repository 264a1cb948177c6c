"""PDFs: pdfium reads their characters, `pdf_layout` what they make up; page by page, so that citations open there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pypdfium2 as pdfium

from db.errors import BadInputError, NoTextError
from intake.formats.pdf_columns import one_after_the_other
from intake.formats.pdf_layout import Line, measure_type, page_markdown, repeated_lines
from intake.formats.pdf_lines import read_lines
from intake.formats.reading import Placed, Reading, Tell
from intake.formats.zipped import PROTECTED

NO_TEXT = "it holds no text, as a scan does: recognise its text first (`ocrmypdf` does), and save that"

_PASSWORD = 4
"""pdfium's number for a document that wants one (FPDF_ERR_PASSWORD)."""

_SENTENCE_END = re.compile(r"[.!?…:]['\"”’)\]]*(?=\s|\Z)")
_OPEN_END = re.compile(r"[\w,;–-]\Z")
_TELLS_NOTHING = re.compile(
    r"untitled|\(anonymous\)|(?:microsoft (?:word|powerpoint) - )?.*\.(?:docx?|pptx?|tex|dvi|indd)", re.I
)
_MOST_PAGES = 5_000


def read_pdf(data: bytes, tell: Tell) -> Reading:
    """Each page's text as Markdown, in the order it was set; running heads and feet, and what is drawn, left out.

    Raises:
        NoTextError: none of its pages holds text.
        BadInputError: it wants a password, is damaged, or has too many pages.
    """
    document = _open(data)
    try:
        if len(document) > _MOST_PAGES:
            raise BadInputError(f"it has more than {_MOST_PAGES} pages; split it")
        pages: list[list[Line]] = []
        heights: list[float] = []
        for number in range(len(document)):
            tell(number, len(document))
            lines, height = _read_page(document, number)
            pages.append(lines)
            heights.append(height)
        title = " ".join(document.get_metadata_value("Title").split())
    finally:
        document.close()
    texts = _page_texts(pages, heights)
    if not any(char.isalnum() for text in texts for char in text):
        raise NoTextError(NO_TEXT)
    parts = [Placed(text, f"#page={number}") for number, text in enumerate(_with_whole_sentences(texts), 1) if text]
    return Reading(None if _TELLS_NOTHING.fullmatch(title) else title or None, parts)


def _open(data: bytes) -> Any:  # noqa: ANN401 - pypdfium2's
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower():
            raise BadInputError(PROTECTED) from None
        raise BadInputError("it is a damaged PDF; open it and save it anew") from None


def _read_page(document: Any, number: int) -> tuple[list[Line], float]:  # noqa: ANN401 - pypdfium2's
    try:
        page = document[number]
    except pdfium.PdfiumError:  # a page that is damaged has no text; the others have
        return [], 0.0
    try:
        return read_lines(page), page.get_height()
    finally:
        page.close()


def _page_texts(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[str]:
    repeated = repeated_lines(pages, heights) if len(pages) > 2 else [set[int]() for _ in pages]
    own = [
        [line for number, line in enumerate(lines) if number not in out]
        for lines, out in zip(pages, repeated, strict=True)
    ]
    types = measure_type(own)
    return [page_markdown(one_after_the_other(lines), types) for lines in own]


def _with_whole_sentences(texts: Sequence[str]) -> list[str]:
    """What a page's last sentence lacks is brought from the next page to where it begins."""
    whole = list(texts)
    for number in range(len(whole) - 1):
        last, following = whole[number].rsplit("\n\n", 1)[-1], whole[number + 1]
        first, _, rest = following.partition("\n\n")
        if not _OPEN_END.search(last) or last.startswith(("#", "|", "`")) or not first[:1].islower():
            continue
        end = _SENTENCE_END.search(first)
        cut = end.end() if end else len(first)
        is_divided = re.search(r"[^\W\d_]-\Z", last) is not None
        whole[number] = (whole[number][:-1] if is_divided else whole[number] + " ") + first[:cut]
        whole[number + 1] = "\n\n".join(part for part in (first[cut:].strip(), rest) if part)
    return whole
