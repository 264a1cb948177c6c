"""A line of Markdown as runs of text, each with its styles; what divides nothing on the screen divides nothing here.

Links, images, comments and HTML tags vanish, and what stood on their two sides becomes one text before anybody makes
it safe: pieces that are each harmless could otherwise be joined into a mention or an address.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from markdown_it.token import Token

Style = Literal["bold", "italic", "strike"]
Cell = Sequence[Token]

STYLES: tuple[Style, ...] = ("bold", "italic", "strike")
"""From the outermost to the innermost."""

INNER_EDGE = "\ue000"
"""Stands for nothing, between a mark and its text; the parser takes it for a letter. It never leaves `read_line`."""

_WEB = ("http:", "https:", "mailto:", "ftp:")
_MARKS: dict[str, Style] = {"strong": "bold", "em": "italic", "s": "strike"}
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?:\s[^<>]*|/)?>", re.IGNORECASE)
_STYLED: dict[str, Style] = {
    **dict.fromkeys(("b", "strong", "summary", "h1", "h2", "h3", "h4"), STYLES[0]),
    **dict.fromkeys(("i", "em", "cite", "var"), STYLES[1]),
    **dict.fromkeys(("s", "del", "strike"), STYLES[2]),
}
_CODE = frozenset(("code", "kbd", "samp", "tt"))
_LINES = frozenset("p div li tr ul ol table thead tbody details summary section center h1 h2 h3 h4".split())
_PLAIN = frozenset("a abbr big font ins mark q small span sub sup td th u".split())
_KNOWN = _LINES | _PLAIN | _CODE | _STYLED.keys()
_SMALL = {"sub": ("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"), "sup": ("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")}


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one kind."""

    text: str
    styles: frozenset[Style] = frozenset()
    is_code: bool = False


def read_line(tokens: Cell, styles: frozenset[Style] = frozenset()) -> list[Run]:
    """The runs of one line's tokens, all of it in `styles` besides its own.

    Neighbours differ in their styles or their kind, unless both are code, and none is empty.

    A link keeps its words and shows its address as code, an image its description only. HTML that only styles or
    divides text is read like Markdown; what else looks like a tag stays text. A line feed divides lines.
    """
    merged: list[Run] = []
    for run in _Reader(tokens).runs():
        run = replace(run, text=run.text.replace(INNER_EDGE, ""), styles=run.styles | styles)
        if merged and not run.is_code and (merged[-1].styles, merged[-1].is_code) == (run.styles, False):
            merged[-1] = replace(run, text=merged[-1].text + run.text)
        elif run.text:
            merged.append(run)
    return merged


def line_text(tokens: Cell) -> str:
    """A line's words and code alone, on one line."""
    return " ".join("".join(run.text for run in read_line(tokens)).split())


class _Reader:
    """Goes through a line's tokens once."""

    def __init__(self, tokens: Cell) -> None:
        self._tokens = tokens
        self._tags = dict(_paired_tags(tokens))
        self._open: Counter[Style] = Counter()
        self._in_code = 0
        self._small = ""
        self._label: list[str] | None = None

    def runs(self) -> Iterator[Run]:
        address, written = "", ""
        for index, token in enumerate(self._tokens):
            kind = token.type
            if kind == "link_open":
                address, self._label = str(token.attrs.get("href", "")), []
                written = "" if token.markup != "autolink" or address.startswith(_WEB) else "<>"
                yield self._run(written[:1])
            elif kind == "link_close":
                label, self._label = "".join(self._label or ()), None
                yield self._run(written[1:])
                if address and address not in label and not written:
                    yield self._run(" (")
                    yield Run(address, self._styles, is_code=True)
                    yield self._run(")")
            elif kind in ("text", "image"):
                yield self._run(token.content)
            elif kind == "code_inline":
                yield Run(token.content, self._styles, is_code=True)
            elif kind in ("softbreak", "hardbreak"):
                yield self._run("\n")
            elif kind == "html_inline":
                yield from self._take_tag(index, token.content)
            elif token.tag in _MARKS:
                self._open[_MARKS[token.tag]] += token.nesting

    @property
    def _styles(self) -> frozenset[Style]:
        return frozenset(style for style in STYLES if self._open[style] > 0)

    def _run(self, text: str) -> Run:
        if self._label is not None:
            self._label.append(text)
        if self._small and all(letter in _SMALL[self._small][0] for letter in text):
            text = text.translate(str.maketrans(*_SMALL[self._small]))
        return Run(text, self._styles, is_code=self._in_code > 0)

    def _take_tag(self, index: int, written: str) -> Iterator[Run]:
        name = self._tags.get(index, "")
        turn = -1 if written.startswith("</") else 1
        if name in ("br", "hr"):
            yield self._run("\n")
        elif not name and not written.startswith("<!--"):
            yield self._run(written)
        if name in _LINES:
            yield self._run("\n")
        if name in _STYLED:
            self._open[_STYLED[name]] += turn
        if name in _CODE:
            self._in_code += turn
        if name in _SMALL:
            self._small = name if turn > 0 else ""
        if name == "li" and turn > 0:
            yield self._run("• ")
        if name in ("td", "th") and turn < 0:
            yield self._run("  ")


def _paired_tags(tokens: Cell) -> Iterator[tuple[int, str]]:
    """Places and names of tags that mean something: those that need no end, and known ones that have theirs.

    What divides text may have its end in another paragraph: then it counts where it stands by itself.
    """
    opened: list[tuple[str, int]] = []
    for index, token in enumerate(tokens):
        tag = _TAG.fullmatch(token.content) if token.type == "html_inline" else None
        name = tag["name"].lower() if tag else ""
        begins = [place for place, (other, _) in enumerate(opened) if other == name]
        if name in ("br", "hr", "wbr", "img") or (name in _LINES and _stands_alone(tokens, index)):
            yield index, name
        elif tag and name in _KNOWN and not tag["end"]:
            opened.append((name, index))
        elif tag and name in _KNOWN and begins:
            yield opened[begins[-1]][1], name
            yield index, name
            del opened[begins[-1] :]


def _stands_alone(tokens: Cell, index: int) -> bool:
    beside = [token.type for token in (*tokens[max(index - 1, 0) : index], *tokens[index + 1 : index + 2])]
    return all(kind in ("softbreak", "hardbreak", "html_inline") for kind in beside)
