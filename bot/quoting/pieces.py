"""A chunk's Markdown cut into the pieces that can be quoted: sentences, lists, tables, code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.quoting.tables import first_column, is_row, is_rule, row_items, table_at

MAX_PARAGRAPH_CHARS = 300
"""A longer paragraph is cut into sentences."""

MAX_CODE_LINES = 12
"""A longer block of code is cut."""

_FENCE = re.compile(r"[>\s]*(?:(?:[-*+•]|\d{1,3}[.)])\s+)?(?P<fence>`{3,}(?!.*`)|~{3,})")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*\Z")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+\S")
_RULE = re.compile(r"\s*(?:[-*_]\s*){3,}\Z")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]*_]*\s+(?=[\"'“‘(\[*_`]*[^\W\da-z_])|(?<=[。！？])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|fig|mr|mrs|ms|dr|prof|st|inc|ltd|dept|est|jan|feb|mar|apr|jun|jul|aug"
    r"|sep|sept|oct|nov|dec)|\b[A-Z]|\A\d+)\.\Z",
    re.IGNORECASE,
)

Kind = Literal["sentence", "code", "steps", "list", "table"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that can be quoted by itself.

    `items` is Markdown: the one sentence or block of code, or a list's items, or a table's rows, each an item with its
    columns' names. `introduction` is the line that announces them, `heading` the nearest one above inside the chunk;
    `place` counts pieces within the chunk, so that neighbours can be told. `header` is a table's, as it is written: the
    same in all the chunks that a long one was cut into.
    """

    kind: Kind
    items: tuple[str, ...]
    heading: str = ""
    introduction: str = ""
    place: int = 0
    header: str = ""

    @property
    def text(self) -> str:
        """All of it, as it is quoted."""
        gap = ("",) if self.introduction and self.kind != "code" else ()
        return "\n".join((*([self.introduction] if self.introduction else ()), *gap, *self.items))


def cut_pieces(text: str) -> list[Piece]:
    """Cuts a chunk's text into pieces, in their order.

    A list, a table or a block of code is one piece, with the line that introduces it. Tables become lists, since few
    places show tables. Headings are no pieces: they go with what follows them.
    """
    pieces: list[Piece] = []
    heading = ""
    for kind, lines in _blocks(text.splitlines()):
        if kind == "heading":
            heading = lines[0]
        elif kind == "paragraph":
            pieces += [Piece("sentence", (line,), heading) for line in _cut_paragraph(_joined(lines))]
        elif items := _items_of(kind, lines):
            introduction = _take_introduction(pieces, heading) or (first_column(lines) if kind == "table" else "")
            header = lines[0] if kind == "table" else ""
            pieces.append(Piece(_piece_kind(kind, lines), items, heading, introduction, header=header))
    return [replace(piece, place=place) for place, piece in enumerate(pieces)]


def _joined(lines: Sequence[str]) -> str:
    """A paragraph's lines as one, but for where its author broke it."""
    return (
        "".join(f"{line[:-1]}\n" if line.endswith("\\") else f"{line} " for line in lines).strip().replace("\n ", "\n")
    )


def _cut_paragraph(text: str) -> list[str]:
    """A short paragraph stays whole; one that announces what follows gives its last sentence away."""
    sentences = split_sentences(text)
    if len(text) > MAX_PARAGRAPH_CHARS or not sentences:
        return sentences
    announcing = sentences[-1:] if sentences[-1].endswith(":") else []
    rest = " ".join(sentences[: len(sentences) - len(announcing)])
    return [rest, *announcing] if rest else announcing


def split_sentences(text: str) -> list[str]:
    """Splits running text after its sentences' ends; abbreviations and initials don't end one."""
    sentences: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if _ABBREVIATED.search(text[start : end.start()].rstrip("\"'”’)]*_")):
            continue
        sentences.append(text[start : end.end()].strip())
        start = end.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if re.search(r"\w", sentence)]


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Groups lines into ("heading" | "paragraph" | "list" | "table" | "code", its lines)."""
    index = 0
    while index < len(lines):
        start = index
        kind = _kind(lines[index])
        index += 1
        if kind == "heading":
            heading = _HEADING.match(lines[start])
            yield kind, [heading[1] if heading else lines[start]]
        elif kind == "code":
            while index < len(lines) and not _closes(lines[start], lines[index]):
                index += 1
            index += 1
            yield kind, list(lines[start:index])
        elif kind in ("table", "paragraph") and (table := table_at(lines, start)):
            index = start + len(table)
            yield "table", table
        elif kind != "blank":
            while index < len(lines) and _continues(kind, lines, index):
                index += 1
            yield kind, [line for line in lines[start:index] if line.strip()]


def _closes(opening: str, line: str) -> bool:
    """A fence is closed by one of its kind, no shorter, with nothing behind it, and not four columns further in."""
    opened = _FENCE.match(opening)
    fence, last = opened["fence"] if opened else "", line.strip("> \t")
    within = opened.start("fence") + 3 if opened else 3
    return len(last) >= len(fence) and not last.strip(fence[:1]) and line.find(last) <= within


def _kind(line: str) -> str:
    if not line.strip() or _RULE.match(line):
        return "blank"
    for kind, pattern in (("code", _FENCE), ("heading", _HEADING), ("list", _ITEM)):
        if pattern.match(line):
            return kind
    return "table" if is_row(line) or is_rule(line) else "paragraph"


def _continues(kind: str, lines: Sequence[str], index: int) -> bool:
    following = _kind(lines[index])
    if kind != "list":
        return following == kind
    if following == "blank":
        # a list goes on after an empty line if an item or an indented line follows
        return index + 1 < len(lines) and (_kind(lines[index + 1]) == "list" or lines[index + 1].startswith("  "))
    return following in ("list", "paragraph")


def _take_introduction(pieces: list[Piece], heading: str) -> str:
    """The line before a block that announces it ("The steps are:") belongs to the block."""
    if pieces and pieces[-1].heading == heading and pieces[-1].kind == "sentence" and pieces[-1].text.endswith(":"):
        return pieces.pop().text
    return ""


def _piece_kind(kind: str, lines: Sequence[str]) -> Kind:
    if kind == "list":
        return "steps" if re.match(r"\s*\d", lines[0]) else "list"
    return "code" if kind == "code" else "table"


def _items_of(kind: str, lines: Sequence[str]) -> tuple[str, ...]:
    if kind != "code":
        return tuple(row_items(lines) if kind == "table" else _list_items(lines))
    kept = list(lines[: MAX_CODE_LINES + 1])
    if len(kept) == 1 or not _closes(lines[0], kept[-1]):
        opened = _FENCE.match(lines[0])
        kept.append(opened["fence"] if opened else "```")
    return ("\n".join(kept),)


def _list_items(lines: Sequence[str]) -> list[str]:
    """Whole items at the outer level, each with what is nested in it."""
    indents = [len(line) - len(line.lstrip()) for line in lines if _ITEM.match(line)]
    outer = min(indents, default=0)
    items: list[str] = []
    for line in lines:
        starts = _ITEM.match(line) and len(line) - len(line.lstrip()) <= outer
        if starts or not items:
            items.append(line[outer:].rstrip().removesuffix("\\"))
        else:
            items[-1] += "\n" + line[outer:].rstrip().removesuffix("\\")
    return items
