"""By which suffix a page is read, from what its server calls it; pure."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import webencodings

from intake.sources import is_wanted

_SUFFIX_OF = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/x-rst": ".rst",
    "text/rtf": ".rtf",
    "application/rtf": ".rtf",
    "application/pdf": ".pdf",
    "application/epub+zip": ".epub",
    "application/msword": ".doc",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "message/rfc822": ".eml",
}
_TELLS_NOTHING = (
    "text/plain",
    "application/octet-stream",
    "application/json",
    "application/yaml",
    "application/xml",
    "",
)
_PLAIN = ".txt"


def content_type_of(told: str | None) -> str:
    """A header's content type without its parameters, in small letters."""
    return (told or "").partition(";")[0].strip().lower()


def charset_of(told: str | None) -> str | None:
    """The encoding that a header names."""
    for parameter in (told or "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value:
            return value.strip().strip("\"'").lower()
    return None


def suffix_for(address: str, content_type: str) -> str | None:
    """The suffix by which a page is read; None where it is of no kind that is."""
    if content_type in _SUFFIX_OF:
        suffix = _SUFFIX_OF[content_type]
        return suffix if is_wanted(f"page{suffix}") else None
    name = PurePosixPath(unquote(urlsplit(address).path, errors="replace")).name
    if content_type in _TELLS_NOTHING or content_type.startswith("text/"):
        if is_wanted(name):
            return PurePosixPath(name).suffix.lower()
        return _PLAIN if content_type.startswith("text/") else None
    return None


def with_its_encoding(data: bytes, charset: str | None) -> bytes:
    """A text's bytes, which say themselves in what encoding they are where its server said so: that goes before.

    Only encodings of the web's are: of what else Python decodes, some takes the square of the length.
    """
    if charset is None or charset in ("utf-8", "utf8") or webencodings.lookup(charset) is None:
        return data
    try:
        return data.decode(charset).encode("utf-8-sig")
    except (LookupError, UnicodeError):
        return data
