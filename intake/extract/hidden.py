"""Which HTML tags hide what stands between them and their end; pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

NEVER_SHOWN = frozenset(("script", "style", "template", "noscript"))

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_ENDS_WITH_ITS_BLOCK = frozenset("p li dt dd td th tr option summary span a b i em strong small code sub sup".split())
_ATTRIBUTE = re.compile(r"""\s([^\s"'<>/=]{1,40})(?:\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?(?=[\s/>])""")
_JSX_STYLE = re.compile(r"\sstyle=\{\{([^{}]*)\}\}")
_COMMENT_IN_STYLE = re.compile(r"/\*.*?\*/", re.DOTALL)
_UNSEEN = re.compile(r"display:none|visibility:(?:hidden|collapse)|opacity:0(?:\.0+)?%?(?![\d.])|font-size:0(?![\d.])")
_MOST_SEARCHED = 1_000_000


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it is written, where it stands, and where the block that it stands in ends; `is_block`: all in HTML."""

    written: str
    name: str
    start: int
    end: int
    block_end: int
    is_block: bool

    @property
    def closes(self) -> bool:
        """Whether it is an end: </div>."""
        return self.written.startswith("</")


def hides(name: str, attributes: dict[str, str]) -> bool:
    """Whether a browser shows nothing of an element, whatever its style sheets say.

    What only `aria-hidden` hides is shown, and what is hidden until it is found is there to be found.
    """
    if name in NEVER_SHOWN:
        return True
    if "hidden" in attributes and attributes["hidden"].strip().lower() != "until-found":
        return True
    return hides_by_style(attributes.get("style", ""))


def hides_by_style(style: str) -> bool:
    """Whether a style attribute, in any spelling, takes an element out of sight; of two alike the last counts."""
    declared: dict[str, str] = {}
    for declaration in _COMMENT_IN_STYLE.sub("", style).lower().split(";"):
        name, _, value = declaration.partition(":")
        declared["".join(name.split())] = "".join(value.replace("!important", "").split())
    return any(_UNSEEN.match(f"{name}:{value}") for name, value in declared.items())


def hidden_ranges(tags: Sequence[Tag]) -> Iterator[tuple[int, int]]:
    """From each hiding tag's start to its end's end, in their order; none lies within another.

    What is never closed is hidden to the end of its block, or of everything if it is a block itself.
    """
    shown_from, left = 0, _MOST_SEARCHED
    for place, tag in enumerate(tags):
        if tag.start < shown_from or tag.closes or not hides(tag.name, _attributes(tag.written)):
            continue
        shown_from, searched = (tag.end, 0) if tag.name in _VOID else _end_of(tags, place, left)
        left -= searched
        yield tag.start, shown_from


def _end_of(tags: Sequence[Tag], place: int, at_most: int) -> tuple[int, int]:
    """Where the element ends that this tag opens, and how many tags were looked at for it."""
    opened = tags[place]
    depth, searched = 0, 0
    stays_in_block = opened.name in _ENDS_WITH_ITS_BLOCK
    for number in range(place, min(len(tags), place + at_most)):
        tag = tags[number]
        searched += 1
        if stays_in_block and tag.start > opened.block_end:
            break
        if tag.name == opened.name:
            depth += -1 if tag.closes else not tag.written.endswith("/>")
        if depth <= 0:
            return tag.end, searched
    return (1 << 60 if opened.is_block and not stays_in_block else opened.block_end), searched


def _attributes(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(written):
        found.setdefault(name.lower(), html.unescape("".join(values)))
    if style := _JSX_STYLE.search(written):
        found["style"] = style[1].replace(",", ";").replace('"', "").replace("'", "")
    return {name: value for name, value in found.items() if value != "{false}"}
