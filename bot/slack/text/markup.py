"""Reads Markdown and writes it again in a dialect of Slack's, so that nothing is passed on that wasn't understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_INDENT = "    "

Cell = Sequence[Token]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How what Markdown means is written; all of these have to make their text safe."""

    bold: str
    italic: str
    bullet: str
    words: Callable[[str], str]
    """Text that isn't code."""
    code: Callable[[str], str]
    """Code within a line, in its backticks; empty for none."""
    fence: Callable[[str, str], str]
    """Lines of code, and the name of their language."""
    heading: Callable[[str, int], str]
    """A heading that is already in the dialect, and its level."""
    table: Callable[[Sequence[Sequence[Cell]]], str]
    """Rows of cells, the first of them the head."""


def rewrite(markdown: str, dialect: Dialect) -> list[str]:
    """Converts Markdown (already `clean`) into paragraphs, in order and none of them empty; `[n]` stays as it is.

    A link keeps its words and shows its address as code, an image its description only.
    """
    # Without link definitions: "[1]: http://…" in a document must not turn the answer's [1] into a link.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("reference")
    writer = _Writer(dialect)
    for token in parser.parse(markdown):
        writer.take(token)
    return writer.paragraphs


def rewrite_line(tokens: Cell, dialect: Dialect) -> str:
    """One line's tokens in the dialect."""
    marks = {
        "strong_open": dialect.bold,
        "strong_close": dialect.bold,
        "em_open": dialect.italic,
        "em_close": dialect.italic,
        "softbreak": "\n",
        "hardbreak": "\n",
    }
    parts: list[str] = []
    address, begin = "", 0
    for token in tokens:
        if token.type == "link_open":
            address, begin = str(token.attrs.get("href", "")), len(parts)
        elif token.type == "link_close":
            shown = dialect.code(address)
            parts.append("" if not shown or shown in "".join(parts[begin:]) else f" ({shown})")
        elif token.type in ("text", "image"):
            parts.append(dialect.words(token.content))
        elif token.type == "code_inline":
            parts.append(dialect.code(token.content))
        else:
            parts.append(marks.get(token.type, ""))
    # Two codes side by side would be read as one, up to the end of the next: what stands there would be free.
    return "".join(parts).replace("``", "` `").strip()


class _Writer:
    """Takes the parser's block tokens in order; knows which list, quotation, heading or table it is in."""

    def __init__(self, dialect: Dialect) -> None:
        self.paragraphs: list[str] = []
        self._dialect = dialect
        self._lists: list[int | None] = []
        self._marker = ""
        self._quotes = 0
        self._heading = 0
        self._rows: list[list[Cell]] | None = None
        self._in_list_before = False

    def take(self, token: Token) -> None:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            self._lists.append(int(token.attrs.get("start", 1)) if kind == "ordered_list_open" else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif kind == "list_item_open":
            self._begin_item()
        elif kind in ("blockquote_open", "blockquote_close"):
            self._quotes += token.nesting
        elif kind in ("heading_open", "heading_close"):
            self._heading = int(token.tag[1:]) if token.nesting > 0 else 0
        elif kind in ("fence", "code_block"):
            self._add(self._dialect.fence(token.content, token.info))
        elif kind == "inline" and self._rows is None:
            self._add(rewrite_line(token.children or [], self._dialect))
        else:
            self._take_table(token)

    def _take_table(self, token: Token) -> None:
        if token.type == "table_open":
            self._rows = []
        elif self._rows is not None and token.type == "tr_open":
            self._rows.append([])
        elif self._rows is not None and token.type == "inline":
            self._rows[-1].append(token.children or [])
        elif self._rows is not None and token.type == "table_close":
            self._add(self._dialect.table(self._rows))
            self._rows = None

    def _begin_item(self) -> None:
        number = self._lists[-1]
        self._marker = _INDENT * (len(self._lists) - 1) + (
            f"{self._dialect.bullet} " if number is None else f"{number}. "
        )
        self._lists[-1] = None if number is None else number + 1

    def _add(self, text: str) -> None:
        if not text:
            return
        if self._heading:
            text = self._dialect.heading(text, self._heading)
        text, self._marker = self._marker + text, ""
        if self._quotes:
            text = "\n".join("> " + line for line in text.split("\n"))
        if self._lists and self._in_list_before:
            self.paragraphs[-1] += "\n" + text
        else:
            self.paragraphs.append(text)
        self._in_list_before = bool(self._lists)
