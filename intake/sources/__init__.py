"""Where documents come from: what is asked of any source, and files as one."""

from intake.sources.files import Files
from intake.sources.folder_audiences import FolderAudiences
from intake.sources.kinds import DirectorySettings, SourceSettings, read_settings
from intake.sources.listing import (
    MAX_FILE_BYTES,
    MAX_URI_CHARS,
    OF_OTHERS,
    TOO_LARGE,
    file_uri,
    is_hidden,
    is_wanted,
    kind_of,
    printable,
)
from intake.sources.source import AudienceOf, Failure, Gone, KnownUnder, Listed, Page, Source

__all__ = [
    "AudienceOf",
    "DirectorySettings",
    "Failure",
    "Files",
    "FolderAudiences",
    "Gone",
    "KnownUnder",
    "Listed",
    "MAX_FILE_BYTES",
    "MAX_URI_CHARS",
    "OF_OTHERS",
    "Page",
    "Source",
    "SourceSettings",
    "TOO_LARGE",
    "file_uri",
    "is_hidden",
    "is_wanted",
    "kind_of",
    "printable",
    "read_settings",
]
