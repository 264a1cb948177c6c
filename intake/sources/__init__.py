"""Where documents come from: what is asked of any source, and files as one."""

from intake.sources.files import Files
from intake.sources.listing import file_uri
from intake.sources.source import Failure, Gone, Listed, Page, Source

__all__ = [
    "Failure",
    "Files",
    "Gone",
    "Listed",
    "Page",
    "Source",
    "file_uri",
]
