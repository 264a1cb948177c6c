"""What a page says of itself and of others: its links, its canonical address, whether it is to be found; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from intake.websites.addresses import tidy_address

MOST_BYTES = 5_000_000
MOST_LINKS = 2_000
Unread = Literal["bytes", "links"]
"""Of what a page has more than is read of it, so that where it leads isn't known whole."""

_WITHDRAWN = frozenset({"noindex", "none"})
_NO_LINKS = frozenset({"nofollow", "none"})


@dataclass(frozen=True, slots=True)
class Pointers:
    """Of one page: `links` are tidy addresses, `canonical` is one or None; `more` says why it may have more links."""

    links: Sequence[str] = ()
    canonical: str | None = None
    is_withdrawn: bool = False
    more: Unread | None = None


def read_pointers(data: bytes, address: str, headers: Mapping[str, str]) -> Pointers:
    """Reads an HTML page's head and links; nothing of it is fetched."""
    parser = etree.HTMLParser(recover=True, no_network=True, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(data[:MOST_BYTES], parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    rules = _rules(headers.get("x-robots-tag", ""))
    if root is None:
        return Pointers(is_withdrawn=not rules.isdisjoint(_WITHDRAWN))
    base = next((tidy_address(own.get("href") or "", address) for own in root.iter("base")), None) or address
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() == "robots":
            rules |= _rules(meta.get("content") or "")
    canonical = next(
        (
            tidy_address(own.get("href") or "", base)
            for own in root.iter("link")
            if "canonical" in _words(own.get("rel"))
        ),
        None,
    )
    links: dict[str, None] = {}
    more: Unread | None = "bytes" if len(data) > MOST_BYTES else None
    if rules.isdisjoint(_NO_LINKS):
        for own in root.iter("a", "area"):
            href = None if "nofollow" in _words(own.get("rel")) else own.get("href")
            target = None if href is None else tidy_address(href, base)
            if target is None or target in links:
                continue
            if len(links) == MOST_LINKS:
                more = "links"
                break
            links[target] = None
    return Pointers(list(links), canonical, not rules.isdisjoint(_WITHDRAWN), more)


def is_withdrawn(headers: Mapping[str, str]) -> bool:
    """Whether a file's own headers say that it isn't to be found."""
    return not _rules(headers.get("x-robots-tag", "")).isdisjoint(_WITHDRAWN)


def _rules(told: str) -> set[str]:
    """Words of a rule; those for another robot, as in "googlebot: noindex", are taken for all of them."""
    return set(told.lower().replace(":", ",").replace(" ", ",").split(","))


def _words(told: str | None) -> list[str]:
    return (told or "").lower().split()
