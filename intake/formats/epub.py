"""E-books (EPUB): their chapters, which are pages of HTML, in the order in which they are read."""

from __future__ import annotations

import posixpath
import zipfile
from urllib.parse import quote, unquote, urldefrag

from lxml import etree

from db.errors import BadInputError
from intake.formats.office import parse_xml
from intake.formats.reading import Placed, Reading, Tell
from intake.formats.zipped import open_zip

_CONTAINER = "META-INF/container.xml"
_PAGES = frozenset({"application/xhtml+xml", "text/html"})
_LOCKED = "it is locked to a reader (DRM); take a copy that isn't"
_DAMAGED = "it is damaged, or no e-book; save it anew"


def read_epub(data: bytes, tell: Tell) -> Reading:
    """Each chapter as HTML; it opens at the chapter's own file.

    Raises:
        BadInputError: it is locked, or damaged.
    """
    with open_zip(data, "an e-book (.epub)") as archive:
        try:
            root = parse_xml(archive.read(_CONTAINER))
            place = next(own.get("full-path", "") for own in root.iter("{*}rootfile"))
            package = parse_xml(archive.read(place))
        except (KeyError, StopIteration, etree.XMLSyntaxError):
            raise BadInputError(_DAMAGED) from None
        title = next((own.text for own in package.iter("{http://purl.org/dc/elements/1.1/}title")), None)
        folder = posixpath.dirname(place)
        items = {own.get("id"): own for own in package.iter("{*}item")}
        spine = [items[own.get("idref")] for own in package.iter("{*}itemref") if own.get("idref") in items]
        chapters = [
            own for own in spine if own.get("media-type") in _PAGES and "nav" not in (own.get("properties") or "")
        ]
        locked = _locked(archive)
        parts = []
        for number, own in enumerate(chapters):
            tell(number, len(chapters))
            name = posixpath.normpath(posixpath.join(folder, unquote(urldefrag(own.get("href", "")).url)))
            if name in locked:
                raise BadInputError(_LOCKED)
            if name in archive.namelist():
                parts.append(Placed(archive.read(name).decode("utf-8", "replace"), f"#{quote(name)}", is_html=True))
    return Reading(" ".join((title or "").split()) or None, parts)


def _locked(archive: zipfile.ZipFile) -> set[str]:
    """The members that are encrypted; fonts often are, chapters where somebody must not copy them."""
    try:
        root = parse_xml(archive.read("META-INF/encryption.xml"))
    except KeyError:
        return set()
    except etree.XMLSyntaxError:
        raise BadInputError(_DAMAGED) from None
    return {unquote(own.get("URI", "")) for own in root.iter("{*}CipherReference")}
