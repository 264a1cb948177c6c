"""From a file's bytes to title, text and headings."""

from intake.extract.blocks import line_starts, parse_blocks
from intake.extract.bounded_html import PageReader
from intake.extract.document import SUFFIXES, Extracted, extract_document
from intake.extract.headings import Section, shorten
from intake.extract.html import ReadPage, html_to_markdown

__all__ = [
    "Extracted",
    "PageReader",
    "ReadPage",
    "SUFFIXES",
    "Section",
    "extract_document",
    "html_to_markdown",
    "line_starts",
    "parse_blocks",
    "shorten",
]
