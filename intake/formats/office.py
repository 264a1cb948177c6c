"""What Office files of every kind say of themselves."""

from __future__ import annotations

import zipfile

import lxml.html
from lxml import etree

_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_TELLS_NOTHING = frozenset({"powerpoint presentation", "presentation", "slide 1", "untitled", "word document"})


def parse_xml(data: bytes) -> etree._Element:
    """The root of a part; entities stay unread, and nothing is fetched.

    Raises:
        etree.XMLSyntaxError: it is no XML.
    """
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def office_title(archive: zipfile.ZipFile) -> str | None:
    """The title in its properties, None where there is none that tells anything."""
    try:
        title = parse_xml(archive.read("docProps/core.xml")).findtext(_TITLE)
    except (KeyError, etree.XMLSyntaxError):
        return None
    title = " ".join((title or "").split())
    return None if title.lower() in _TELLS_NOTHING else title or None


def with_headers(html: str) -> str:
    """HTML whose tables all have a header: the first row, where none is marked as one."""
    if "<table" not in html:
        return html
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    for table in root.iter("table"):
        row = next(table.iter("tr"), None)
        if row is not None and next(table.iter("th"), None) is None:
            for cell in row.iterchildren("td"):
                cell.tag = "th"
    return str(lxml.html.tostring(root, encoding="unicode"))
