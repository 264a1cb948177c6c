"""The row under an answer for each source: its number and title, and the buttons to vote with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from slack_sdk.models.blocks import Block, SectionBlock

from bot.slack.showing.vote_buttons import source_buttons
from bot.slack.text import clean, escape_words, one_line, verbatim

if TYPE_CHECKING:
    from db.question import Source

_PLACE = re.compile(r"#(page|slide)=(\d{1,6})\Z")
_SAFE_IN_ADDRESS = ":/?#[]@!$&'()*+,;=%-._~"


def source_row(source: Source, limit: int) -> list[Block]:
    """A document's title, linked if it can be, its leading passage's page and headings, and its buttons.

    Beside them stands that it may be outdated, if anything says so. In at most `limit` characters.
    """
    number = f"*[{source.number}]* "
    first, *deeper = source.lead.section.split(" > ")
    headings = deeper if first == source.title else [first, *deeper]  # a document's first one mostly is its title
    where = one_line(" > ".join(headings), limit // 8)
    place = _PLACE.search(source.uri)
    page = f"{place[1]} {place[2]}" if place else ""
    tail = "".join(f" · {part}" for part in (page, where, source.stale and f"_{source.stale}_") if part)
    name = name_document(source.title, source.uri, limit - len(number) - len(tail))
    return [SectionBlock(text=verbatim(number + name + tail)), source_buttons(source)]


def name_document(title: str, uri: str, limit: int) -> str:
    """A document's title, linked if it can be, else beside the end of its path; in at most `limit` characters."""
    address = link_address(uri)
    if address is not None and len(address) <= limit // 2:
        room = limit - len(address) - len("<|>")
        return f"<{address}|{one_line(title, room, escape_words) or one_line(_last_parts(uri), room, escape_words)}>"
    path = one_line(_last_parts(uri), limit // 3, escape_words)
    shown = one_line(title, limit - len(path) - len(" ``")) or "Untitled"
    return f"{shown} `{path}`" if path else shown


def link_address(uri: str) -> str | None:
    """The address as it may stand in a Slack link, or None where it isn't a plain web address."""
    try:
        parts = urlsplit(clean(uri).strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return quote(parts.geturl(), safe=_SAFE_IN_ADDRESS).replace("&", "&amp;")


def _last_parts(uri: str) -> str:
    """`file:///a/b/handbook/security.md` → `handbook/security.md`; what a person can recognise and nothing private."""
    path = re.split(r"[?#]", clean(uri).strip(), maxsplit=1)[0]
    return "/".join([part for part in re.split(r"[/\\]+", path) if part and not part.endswith(":")][-2:])
