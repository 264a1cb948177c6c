"""What an abbreviation stands for is said where a page first uses it, as its readers see it when they point at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_NAMES = ("abbr", "acronym", "dfn")
_CODE = ("pre", "code", "kbd", "samp")
_MAX_TITLE_CHARS = 200
_NEAR_CHARS = 300


def spell_out(soup: BeautifulSoup) -> None:
    """SLA becomes "SLA (Service Level Agreement)", once, and not where the words beside it say so already."""
    said: set[tuple[str, str]] = set()
    for tag in soup.find_all(_NAMES):
        short, title = " ".join(tag.get_text(" ").split()), " ".join(str(tag.get("title", "")).split())
        if not short or not title or len(title) > _MAX_TITLE_CHARS or (short, title) in said or tag.find_parent(_CODE):
            continue
        said.add((short, title))
        if title.casefold() not in f"{_near(tag)}{short}".casefold():
            tag.append(f" ({title})")


def _near(tag: Tag) -> str:
    """The text just before and just after."""
    before, after = tag.previous_sibling, tag.next_sibling
    return " ".join(
        (
            before.get_text()[-_NEAR_CHARS:] if before is not None else "",
            after.get_text()[:_NEAR_CHARS] if after is not None else "",
            "",
        )
    )
