"""From a file's bytes to title, text and headings."""

from intake.extract.apart import ReadFile, read_apart
from intake.extract.blocks import line_starts, parse_blocks
from intake.extract.bounded import FileReader, Limits
from intake.extract.document import SUFFIXES, Extracted, extract_document
from intake.extract.headings import Section, shorten

__all__ = [
    "Extracted",
    "FileReader",
    "Limits",
    "ReadFile",
    "SUFFIXES",
    "Section",
    "extract_document",
    "line_starts",
    "parse_blocks",
    "read_apart",
    "shorten",
]
