"""What a sitemap lists (sitemaps.org): pages, or other sitemaps; as XML or as plain lines; pure."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from lxml import etree

from db.errors import BadInputError
from intake.websites.fetching import unzipped

MOST_BYTES = 50_000_000
"""As the protocol says, uncompressed."""

MOST_LISTED = 50_000


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The addresses that it lists, as they are written there."""

    pages: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)


def read_sitemap(data: bytes) -> Sitemap:
    """Reads a sitemap or an index of them, which may be compressed.

    Raises:
        BadInputError: it is none, or too large.
    """
    if data.startswith(b"\x1f\x8b"):
        data = unzipped(iter([data]), MOST_BYTES)
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    return _read_xml(data) if start.startswith(b"<") else _read_lines(data)


def _read_lines(data: bytes) -> Sitemap:
    lines = [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines()]
    if not all(line.startswith(("http://", "https://")) for line in lines if line):
        raise BadInputError("it is no sitemap")
    found = Sitemap()
    for line in filter(None, lines):
        _add(found, "url", line)
    return found


def _read_xml(data: bytes) -> Sitemap:
    """Entities aren't resolved: they could be all that is in memory, or files of this machine."""
    found, is_root = Sitemap(), True
    events = etree.iterparse(
        io.BytesIO(data),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        for event, element in events:
            name = etree.QName(element).localname
            if event == "start":
                if is_root and name not in ("urlset", "sitemapindex"):
                    raise BadInputError("it is no sitemap")
                is_root = False
                continue
            parent = element.getparent()
            if name == "loc" and parent is not None and element.text:
                _add(found, etree.QName(parent).localname, element.text.strip())
            elif name in ("url", "sitemap"):
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except (etree.XMLSyntaxError, ValueError):
        raise BadInputError("it is no sitemap, or a broken one") from None
    return found


def _add(found: Sitemap, parent: str, address: str) -> None:
    own = {"url": found.pages, "sitemap": found.sitemaps}.get(parent)
    if own is not None:
        if len(own) == MOST_LISTED:
            raise BadInputError(f"it lists more than {MOST_LISTED:,} addresses")
        own.append(address)
