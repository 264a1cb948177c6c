"""From a file that isn't text, HTML or Markdown to one of these, with the place in it that each part came from."""

from intake.formats.delimited import SUFFIXES as DELIMITED_SUFFIXES
from intake.formats.delimited import delimited_to_markdown
from intake.formats.readers import CODE_SUFFIXES, SUFFIXES, TEXT_SUFFIXES, read_format
from intake.formats.reading import Placed, Reading, Tell

__all__ = [
    "CODE_SUFFIXES",
    "DELIMITED_SUFFIXES",
    "Placed",
    "Reading",
    "SUFFIXES",
    "TEXT_SUFFIXES",
    "Tell",
    "delimited_to_markdown",
    "read_format",
]
