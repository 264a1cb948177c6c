"""The numbers that a page's list items are shown with: 3, c, C, iii or III."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_STYLE = re.compile(
    r"list-style(?:-type)?\s*:[^;]*?\b(lower|upper)-(alpha|latin|roman)\b|list-style(?:-type)?\s*:[^;]*?\bdecimal\b",
    re.I,
)
_KINDS = {"alpha": "a", "latin": "a", "roman": "i"}
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,9})(?![0-9])")


def number_items(soup: BeautifulSoup) -> None:
    """Gives each item of an `ol` its `value`: the number that a browser shows, without its point."""
    for listed in soup.find_all("ol"):
        items = listed.find_all("li", recursive=False)
        step = -1 if "reversed" in listed.attrs else 1
        started = _integer(listed, "start")
        number = started if started is not None else len(items) if step < 0 else 1
        for item in items:
            value = _integer(item, "value")
            number = number if value is None else value
            item["value"] = written_number(number, _kind(item) or _kind(listed) or "1")
            number += step


def written_number(number: int, kind: str) -> str:
    """A number as HTML's `type` names them: "1", "a", "A", "i" or "I"; what letters can't write is in digits."""
    written = ""
    if kind in ("a", "A"):
        while number > 0:
            number, letter = divmod(number - 1, 26)
            written = chr(ord("a") + letter) + written
    elif kind in ("i", "I") and 0 < number < 4000:
        left = number
        for value, letters in _ROMAN:
            count, left = divmod(left, value)
            written += letters * count
    return (written.upper() if kind.isupper() else written) or str(number)


def _kind(tag: Tag) -> str | None:
    """How this tag's style, or its type, numbers."""
    if styled := _STYLE.search(str(tag.get("style", ""))):
        kind = _KINDS[styled[2].lower()] if styled[2] else "1"
        return kind.upper() if styled[1] and styled[1].lower() == "upper" else kind
    named = str(tag.get("type", "")).strip()
    return named if named in ("1", "a", "A", "i", "I") else None


def _integer(tag: Tag, name: str) -> int | None:
    written = _INTEGER.match(str(tag.get(name, "")))
    return int(written[1]) if written else None
