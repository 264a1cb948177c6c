"""Markdown's parts by what may stand in them, and what whole blocks become; pure."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.token import Token

from intake.extract.blocks import line_starts, parse_blocks
from intake.extract.edits import Edit
from intake.extract.html import html_to_markdown

_COMMENT_AS_LINK = re.compile(
    r" {0,3}\[[^\]\n]{0,200}\]:[ \t]*(?:\n[ \t]*)?(?:<\#?>|\#)"
    r"(?:[ \t]*(?:\n[ \t]*)?(?:\((?:[^()\n]|\([^()\n]*\))*+\)|\([^()]*\)|\"[^\"]*\"|'[^']*'))?[ \t]*(?:\n|\Z)"
    r"| {0,3}\[//\]:[^\n]*(?:\n|\Z)"
)
"""`[//]: # (a comment)`: a link's definition that leads nowhere."""

_MODULE_LINE = re.compile(
    r"import\s+(?:[\w*{][^\n]*?\sfrom\s*)?[\"']|import\s+\{"
    r"|export\s+(?:const|let|var|function|default|async|class)\b|export\s*[{*]"
)
_CONTAINERS = {"heading_open": "heading", "table_open": "table", "heading_close": "", "table_close": ""}
_BRACKETS = re.compile(r"[\[({]|[\])}]")
_MOST_OF_A_MODULE = 10_000
_CODE_RUN = re.compile(r"`+")
_PRE = re.compile(
    r"<pre(?:\s[^<>]{0,500})?>\s*?\n?(?:<code(?:\s[^<>]{0,500})?>)?(?P<code>.*?)(?:</code>)?\s*</pre>\s*", re.I | re.S
)
_TABLE = re.compile(r"<table[\s>].*</table>\s*", re.IGNORECASE | re.DOTALL)
_LARGEST_TABLE = 100_000
_SPREAD = re.compile(r"<(table|ol|ul|dl)(?=[\s>])", re.IGNORECASE)
_NOT_HTML = re.compile(r"\n[ \t]*\n\s*[^<\s]")
_MOST_SEARCHED = 500_000
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the text that isn't code: "text", "heading", "table" or "html"."""

    kind: str
    start: int
    end: int


def read_parts(text: str, *, is_mdx: bool) -> tuple[list[Part], list[Edit]]:
    """What is to be looked through, and what whole blocks become."""
    reader = _Reader(text, is_mdx=is_mdx)
    inside = ""
    for token in parse_blocks(text):
        inside = _CONTAINERS.get(token.type, inside)
        reader.read(token, inside)
    return reader.parts, reader.edits


class _Reader:
    """Goes through the blocks once; collects parts and edits."""

    def __init__(self, text: str, *, is_mdx: bool) -> None:
        self.parts: list[Part] = []
        self.edits: list[Edit] = []
        self._text = text
        self._is_mdx = is_mdx
        self._starts = line_starts(text)
        self._read_to = 0
        self._searches_left = _MOST_SEARCHED

    def read(self, token: Token, inside: str) -> None:
        """Reads a block that stands `inside` a heading, a table or neither."""
        if token.map is None or (inside == "table" and token.type != "table_open"):
            return
        start, end = self._starts[token.map[0]], self._starts[token.map[1]] - 1
        if start < self._read_to:
            return
        if token.type == "table_open":
            lines = self._starts[token.map[0] : token.map[1] + 1]
            self.parts += [Part("table", *span) for span in pairwise(lines)]
        elif token.type == "inline":
            self._read_lines(inside, start, end, may_be_module=token.level == 1)
        elif token.type == "html_block":
            self._read_html(start, end, is_inner=token.level > 0)
        elif token.type == "code_block":
            self._read_indented(token, start, end)
        elif token.type == "fence" and token.level > 0:
            self._close_fence(token, start, end)

    def _read_lines(self, inside: str, start: int, end: int, *, may_be_module: bool) -> None:
        comment = _COMMENT_AS_LINK.match(self._text, start, end)
        while comment:
            self.edits.append(Edit(start, comment.end()))
            start = comment.end()
            comment = _COMMENT_AS_LINK.match(self._text, start, end) if start < end else None
        if self._is_mdx and may_be_module and not inside and _MODULE_LINE.match(self._text, start, end):
            self._read_to = _end_of_module(self._text, start, end)
            self.edits.append(Edit(start, self._read_to))
        elif start < end:
            self.parts.append(Part(inside or "text", start, end))

    def _read_html(self, start: int, end: int, *, is_inner: bool) -> None:
        if not is_inner:
            end = self._read_to = self._end_of_spread(start, end)
        block = None if is_inner else _as_markdown(self._text[start:end].rstrip())
        if block is None:
            self.parts.append(Part("html", start, end))
        else:
            self.edits.append(Edit(start, end, block))

    def _end_of_spread(self, start: int, end: int) -> int:
        """Where a table or list ends that has empty lines between its rows, each of which is a block for Markdown."""
        opened = _SPREAD.match(self._text, start, end)
        if opened is None or self._searches_left <= 0:
            return end
        name, depth, last = opened[1], 0, min(len(self._text), start + _LARGEST_TABLE)
        for tag in re.compile(rf"<(/?){name}(?=[\s>])", re.IGNORECASE).finditer(self._text, start, last):
            depth += -1 if tag[1] else 1
            last = tag.end()
            if depth == 0:
                break
        self._searches_left -= last - start
        if depth or last < end or _NOT_HTML.search(self._text, start, last):
            return end
        line_end = self._text.find("\n", last)
        return line_end if line_end >= 0 else len(self._text)

    def _close_fence(self, token: Token, start: int, end: int) -> None:
        """Code that nobody closed ends with the list's item or the quotation that it stands in: now that is written."""
        if token.map is None or token.content.count("\n") != token.map[1] - token.map[0] - 1:
            return  # all but the first line is code where none closes it
        opened = self._text[start:end].partition(token.markup)[0]
        prefix = re.sub(r"[^>\s]", " ", opened)
        end = start + len(self._text[start:end].rstrip())
        self.edits.append(Edit(end, end, f"\n{prefix}{token.markup}"))

    def _read_indented(self, token: Token, start: int, end: int) -> None:
        """Indented code becomes fenced, as deep in a list or a quotation as it stands."""
        first = self._text[start:end].partition("\n")[0]
        before = first.removesuffix(token.content.partition("\n")[0])
        if token.level > 0 and not before.endswith("    "):
            return  # indented by tabs
        deep = before[:-4] if token.level > 0 else ""
        prefix = "".join(char if char == ">" else " " for char in deep)
        self.edits.append(Edit(start + len(deep), end, _fenced(token.content).replace("\n", f"\n{prefix}")))


def _fenced(code: str) -> str:
    longest = max((len(run) for run in _CODE_RUN.findall(code)), default=0)
    marker = "`" * max(3, longest + 1)
    return f"{marker}\n{code.rstrip(chr(10))}\n{marker}"


def _end_of_module(text: str, start: int, end: int) -> int:
    """Where an import or export ends: with its brackets, beyond empty lines."""
    depth = 0
    for bracket in _BRACKETS.finditer(text, start, start + _MOST_OF_A_MODULE):
        if bracket.start() >= end and depth <= 0:
            break
        depth += 1 if bracket[0] in "[({" else -1
        if depth == 0 and bracket.start() >= end:
            line_end = text.find("\n", bracket.end())
            return line_end if line_end >= 0 else len(text)
    return end


def _as_markdown(block: str) -> str | None:
    """A table or code of HTML as Markdown has them; None for other blocks."""
    if (pre := _PRE.fullmatch(block)) and not re.search(r"\s(?:hidden|style)\b", block.partition(">")[0]):
        return _fenced(html.unescape(_TAG.sub("", re.sub(r"<br\s*/?>", "\n", pre["code"]))).strip("\n"))
    if len(block) <= _LARGEST_TABLE and _TABLE.fullmatch(block):
        return html_to_markdown(block)[1].strip("\n")
    return None
