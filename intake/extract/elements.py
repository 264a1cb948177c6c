"""HTML's elements by how Markdown's readers see them: blocks, words in a line, what needs no end; pure."""

from __future__ import annotations

import html
import re
from collections import Counter

BLOCKS = frozenset(
    "address article aside audio blockquote body canvas caption center dd details dialog div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html iframe legend li main menu nav ol p search section"
    " summary table tbody td tfoot th thead tr ul video".split()
)
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big br button cite code col colgroup data datalist del dfn em embed font i img input ins"
    " kbd label link mark math meta meter nobr object optgroup option output picture progress q rp rt ruby s samp"
    " select small source span strike strong sub sup svg textarea time track tt u var wbr".split()
)
KNOWN = BLOCKS | _INLINE
"""A name between angle brackets that isn't one of these is somebody's placeholder: `ssh <user>@host`."""

NO_TEXT = frozenset(("svg", "iframe", "video", "audio", "canvas"))
"""Of these, what stands within is for those who can't see them."""

_OPTIONAL_END = frozenset("p li dt dd td th tr thead tbody tfoot option rp rt colgroup".split())
_VOID = frozenset("br hr img input link meta source track wbr col embed".split())
_LARGEST_BLOCK = 100_000
_TAG = re.compile(r"<(/?)([A-Za-z][\w.:-]*)")
_ATTRIBUTE = r"\s%s\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))"


def is_whole(block: str) -> bool:
    """Whether it is HTML from its first to its last tag, each closed in it, and all of them HTML's own."""
    if not block.startswith("<") or len(block) > _LARGEST_BLOCK:
        return False
    opened: Counter[str] = Counter()
    for ends, written in _TAG.findall(block):
        name = written.lower()
        if name not in KNOWN:
            return False
        if name not in _VOID:
            opened[name] += -1 if ends else 1
            if opened[name] < 0:
                return False
    return all(not count or name in _OPTIONAL_END for name, count in opened.items())


def attribute(written: str, name: str) -> str:
    """An attribute's value in a written tag; "" where it has none."""
    found = re.search(_ATTRIBUTE % name, written, re.IGNORECASE)
    return html.unescape(next(filter(None, found.groups()), "")) if found else ""
