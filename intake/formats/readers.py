"""Which kind of file is read by what; a reader's library is loaded with its first file."""

from __future__ import annotations

from collections.abc import Callable

from intake.formats.reading import Placed, Reading, Tell
from intake.formats.source_code import LANGUAGES

BINARY_SUFFIXES = frozenset(
    {".pdf", ".docx", ".docm", ".pptx", ".pptm", ".ppsx", ".xlsx", ".xlsm", ".odt", ".epub", ".rtf", ".eml"}
)
CODE_SUFFIXES = frozenset(LANGUAGES)
TEXT_SUFFIXES = frozenset({".rst", ".adoc", ".asciidoc", ".ipynb"}) | CODE_SUFFIXES
"""Formats that are text: given in UTF-8."""

SUFFIXES = BINARY_SUFFIXES | TEXT_SUFFIXES


def read_format(suffix: str, data: bytes, tell: Tell) -> Reading:
    """Reads a file by its name's suffix, one of `SUFFIXES`; what it may take is for the caller to bound.

    Raises:
        NoTextError: there is no text in it.
        BadInputError: it is protected, or damaged; the message is a reason without the file's name.
    """
    return _reader_of(suffix)(data, tell)


def _reader_of(suffix: str) -> Callable[[bytes, Tell], Reading]:  # noqa: C901 - one kind after the other
    if suffix == ".pdf":
        from intake.formats.pdf import read_pdf as read
    elif suffix in (".docx", ".docm"):
        from intake.formats.docx import read_docx as read
    elif suffix in (".pptx", ".pptm", ".ppsx"):
        from intake.formats.pptx import read_pptx as read
    elif suffix in (".xlsx", ".xlsm"):
        from intake.formats.xlsx import read_xlsx as read
    elif suffix == ".odt":
        from intake.formats.opendocument import read_odt as read
    elif suffix == ".epub":
        from intake.formats.epub import read_epub as read
    elif suffix == ".rtf":
        from intake.formats.rtf import read_rtf as read
    elif suffix == ".eml":
        from intake.formats.mail import read_eml as read
    elif suffix == ".rst":
        from intake.formats.restructured import read_rst as read
    else:
        return _by_text(suffix)
    return read


def _by_text(suffix: str) -> Callable[[bytes, Tell], Reading]:
    from intake.formats.asciidoc import asciidoc_to_markdown
    from intake.formats.notebook import read_notebook
    from intake.formats.source_code import code_to_markdown

    if suffix == ".ipynb":
        return lambda data, _tell: read_notebook(data.decode())

    def convert(text: str) -> str:
        return code_to_markdown(text, suffix) if suffix in CODE_SUFFIXES else asciidoc_to_markdown(text)

    return lambda data, _tell: Reading(None, [Placed(convert(data.decode()))])
