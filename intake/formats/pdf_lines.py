"""A PDF's page as lines of text, with what tells headings, tables and code: where they stand, and in which type."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as pdfium

from intake.formats.pdf_layout import Line, Run

_LIGATURES = re.compile("[\ufb00-\ufb06]")
_HYPHENS = re.compile("[\x02\ufffe\ufffd]$")
_NOT_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_BOLD = re.compile(r"bold|black|heavy|semib|cmbx", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|consol|menlo|cmtt|typewriter|fixed|source ?code", re.IGNORECASE)


def read_lines(page: Any) -> list[Line]:  # noqa: ANN401 - pypdfium2's
    """The lines of a page, in the order in which they were set; runs that stand beside each other are one line."""
    lines: list[Line] = []
    text_page = page.get_textpage()
    try:
        for run in _runs(text_page):
            line = next((line for line in reversed(lines[-12:]) if line.goes_on_with(run)), None)
            if line is None:
                lines.append(Line([run]))
            else:
                line.runs.append(run)
    finally:
        text_page.close()
    return lines


def _runs(text_page: Any) -> Iterator[Run]:  # noqa: ANN401 - pypdfium2's
    for number in range(text_page.count_rects()):
        left, bottom, right, top = text_page.get_rect(number)
        text = text_page.get_text_bounded(left, bottom, right, top)
        text = _LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text.replace("\r\n", " "))
        text = _NOT_SHOWN.sub("", _HYPHENS.sub("\u00ad", text.rstrip()))
        if not text.strip():
            continue
        middle = (bottom + top) / 2
        char = pdfium.FPDFText_GetCharIndexAtPos(text_page, left + 0.2, middle, 2, 2)
        size, name = _type_of(text_page, char) if char >= 0 else (0.0, "")
        yield Run(
            " ".join(text.split()),
            left,
            bottom,
            right,
            top,
            size or (top - bottom) * 1.3,
            bool(_BOLD.search(name)),
            bool(_MONO.search(name)),
        )


def _type_of(text_page: Any, char: int) -> tuple[float, str]:  # noqa: ANN401 - pypdfium2's
    """The height of a character's type, and the name of its font."""
    box = pdfium.FS_RECTF()
    is_known = pdfium.FPDFText_GetLooseCharBox(text_page, char, box)
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(text_page, char, name, len(name), None)
    return abs(box.top - box.bottom) if is_known else 0.0, name.value.decode("utf-8", "replace")
