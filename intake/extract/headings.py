"""Markdown's headings, and the text under each; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_HEADING_CHARS = 120

_MAX_LEVEL = 6
_READ_CHARS = 1000  # of a heading's line; keeps the patterns below fast on any input
_IMAGE_OR_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ANCHOR_OR_TAG = re.compile(r"\{#[^}]*\}\s*$|</?[A-Za-z][^>]*>")
_MARKERS = re.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)|\\(?=\W)")
_NUMBERED = re.compile(r" {0,3}\d+[.)] ")
_NOT_A_PARAGRAPH = ("#", ">", "|", "-", "*", "+", "`", "~", "<", "    ", "\t")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's level (1 is the highest), and its text without markers."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """The headings above a text, outermost first, and the text up to the next heading."""

    path: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """What headings make of a document: the one that is its title, if any, and its text in sections."""

    title: str | None
    sections: list[Section]


def read_outline(markdown: str) -> Outline:
    """Takes Markdown apart by its headings; those in code fences are none.

    The title is the first heading of the highest level, else the first heading. A heading with nothing under it, no
    heading either, is itself the text of a section.
    """
    parts = list(_parse(markdown))
    return Outline(_title([heading for heading, _ in parts if heading is not None]), list(_sections(parts)))


def plain_heading(markdown: str) -> str:
    """A heading's line as a person reads it, on one line of at most `MAX_HEADING_CHARS` characters."""
    text = _ANCHOR_OR_TAG.sub("", _IMAGE_OR_LINK.sub(r"\1", markdown[:_READ_CHARS]))
    return shorten(" ".join(_MARKERS.sub("", text).split()), MAX_HEADING_CHARS)


def shorten(text: str, max_chars: int) -> str:
    """The text, its end replaced by "…" where it is too long."""
    return text if len(text) <= max_chars else text[: max_chars - 1].rstrip() + "…"


def _title(headings: Sequence[Heading]) -> str | None:
    best = next((heading for heading in headings if heading.level == 1), headings[0] if headings else None)
    return best.text if best is not None else None


def _sections(parts: Sequence[tuple[Heading | None, str]]) -> Iterator[Section]:
    above: list[Heading] = []
    for index, (heading, text) in enumerate(parts):
        following = parts[index + 1][0] if index + 1 < len(parts) else None
        if heading is not None:
            above = [one for one in above if one.level < heading.level]
            if not text.strip() and (following is None or following.level <= heading.level):
                text = heading.text
            else:
                above.append(heading)
        if text.strip():
            yield Section(tuple(one.text for one in above), text.strip("\n"))


def _parse(markdown: str) -> Iterator[tuple[Heading | None, str]]:
    """Each heading with the text under it; the text before the first heading comes with None."""
    heading: Heading | None = None
    lines: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        stripped = line.strip()
        if fence:
            if stripped.startswith(fence) and not stripped.strip(fence[0]):
                fence = ""
            lines.append(line)
            continue
        fence = _opened_fence(stripped)
        found = None if fence else _atx_heading(line) or _setext_heading(lines, stripped)
        if found is None:
            lines.append(line)
        else:
            if not line.lstrip().startswith("#"):
                lines.pop()
            yield heading, "\n".join(lines)
            heading, lines = found, []
    yield heading, "\n".join(lines)


def _opened_fence(stripped: str) -> str:
    """The marker that will close the fence this line opens, or ""."""
    for char in "`~":
        if stripped.startswith(char * 3):
            marker = stripped[: len(stripped) - len(stripped.lstrip(char))]
            return "" if char == "`" and "`" in stripped[len(marker) :] else marker
    return ""


def _atx_heading(line: str) -> Heading | None:
    indented = line.lstrip(" ")
    level = len(indented) - len(indented.lstrip("#"))
    spaced = indented[level : level + 1] in ("", " ", "\t")
    if not 1 <= level <= _MAX_LEVEL or len(line) - len(indented) > 3 or not spaced:
        return None
    text = indented[level:].strip()
    unclosed = text.rstrip("#")
    if unclosed != text and (not unclosed or unclosed[-1] in " \t"):
        text = unclosed.rstrip()
    plain = plain_heading(text)
    return Heading(level, plain) if plain else None


def _setext_heading(lines: list[str], stripped: str) -> Heading | None:
    """A one-line paragraph over a line of = or -."""
    if len(stripped) < 3 or (stripped.strip("=") and stripped.strip("-")) or not lines:
        return None
    above = lines[-1]
    alone = len(lines) == 1 or not lines[-2].strip()
    if not alone or len(above) > 2 * MAX_HEADING_CHARS or above.startswith(_NOT_A_PARAGRAPH) or _NUMBERED.match(above):
        return None
    plain = plain_heading(above.strip())
    return Heading(1 if stripped[0] == "=" else 2, plain) if plain else None
