"""Markdown's headings, and the text under each; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.token import Token

from intake.extract.blocks import parse_blocks
from intake.formats import Placed

MAX_HEADING_CHARS = 120

_MIN_UNDERLINE = 3
_READ_CHARS = 1000  # of a heading's line; keeps the patterns below fast on any input
_IMAGE_OR_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ANCHOR_OR_TAG = re.compile(r"\{#[^}]*\}\s*$|(?<!\\)</?[A-Za-z][^>]*>")
_STRUCK_OUT = re.compile(r"~~(?=\S)[^~]+~~")
_MARKERS = re.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)|\\(?=\W)")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's level (1 is the highest), its text without markers, and all of its line where that was shortened."""

    level: int
    text: str
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The headings above a text, outermost first, and the text up to the next heading, or the next place.

    `place` is what the document's address ends in so that it opens there: "#page=3", or "".
    """

    path: tuple[str, ...]
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What headings make of a document: the one that is its title, if any, and its text in sections."""

    title: str | None
    sections: list[Section]


def read_outline(parts: Sequence[Placed]) -> Outline:
    """Takes a document's parts, in Markdown, apart by their headings; those in code fences are none.

    The title is the first heading of the highest level, else the first heading. A heading with nothing under it, no
    heading either, is itself the text of a section. What begins a part stands under the headings of the one before.
    """
    texts = [(part.place, heading, text) for part in parts for heading, text in _parse(part.text)]
    return Outline(_title([heading for _, heading, _ in texts if heading is not None]), list(_sections(texts)))


def plain_heading(markdown: str) -> str:
    """A heading's line as a person reads it, on one line of at most `MAX_HEADING_CHARS` characters.

    What is struck out is left out, unless that is all.
    """
    text = _ANCHOR_OR_TAG.sub("", _IMAGE_OR_LINK.sub(r"\1", markdown[:_READ_CHARS]))
    plain = " ".join(_MARKERS.sub("", _STRUCK_OUT.sub("", text)).split())
    return shorten(plain or " ".join(_MARKERS.sub("", text).split()), MAX_HEADING_CHARS)


def shorten(text: str, max_chars: int) -> str:
    """The text, its end replaced by "…" where it is too long."""
    return text if len(text) <= max_chars else text[: max_chars - 1].rstrip() + "…"


def _title(headings: Sequence[Heading]) -> str | None:
    best = next((heading for heading in headings if heading.level == 1), headings[0] if headings else None)
    return best.text if best is not None else None


def _sections(texts: Sequence[tuple[str, Heading | None, str]]) -> Iterator[Section]:
    above: list[Heading] = []
    following = [heading for _, heading, _ in texts[1:]] + [None]
    for (place, heading, text), after in zip(texts, following, strict=True):
        if heading is not None:
            above = [one for one in above if one.level < heading.level]
            text = f"{heading.whole}\n\n{text}" if heading.whole else text
            if not text.strip() and (after is None or after.level <= heading.level):
                text = heading.text
            else:
                above.append(heading)
        if text.strip():
            yield Section(tuple(one.text for one in above), text.strip("\n"), place)


def _parse(markdown: str) -> Iterator[tuple[Heading | None, str]]:
    """Each heading with the text under it; the text before the first heading comes with None."""
    lines = markdown.split("\n")
    heading: Heading | None = None
    start = 0
    tokens = parse_blocks(markdown)
    for token, inline in pairwise(tokens):
        if token.type != "heading_open" or token.level > 0 or token.map is None:
            continue
        found = _read_heading(token, inline.content, lines[slice(*token.map)])
        if found is not None:
            yield heading, "\n".join(lines[start : token.map[0]])
            heading, start = found, token.map[1]
    yield heading, "\n".join(lines[start:])


def _read_heading(token: Token, content: str, lines: Sequence[str]) -> Heading | None:
    """None for one without a word, and for what is underlined by chance: many lines or by a mark or two."""
    if token.markup in ("=", "-") and (len(lines) != 2 or len(lines[1].strip()) < _MIN_UNDERLINE):
        return None
    plain = plain_heading(content)
    whole = content if len(content) > MAX_HEADING_CHARS and plain.endswith("…") else ""
    return Heading(int(token.tag[1:]), plain, whole) if plain else None
