"""Reads Markdown and writes it again in a dialect of Slack's, so that nothing is passed on that wasn't understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from os.path import commonprefix

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.slack.text.inline import INNER_EDGE, STYLES, Cell, Run, Style, read_line

_INDENT = "    "
ZERO_WIDTH_SPACE = "\u200b"

_IDEOGRAPH = r"[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f]"
_PUNCTUATION = r"[!-)+-/:-@\[-^`{-}~\u2010-\u203b\u3001-\u3003\u3008-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff65]"
_MARK_IN_CJK = re.compile(
    r"(?P<code>```.*?(?:```|\Z)|`+[^`\n]+`+)"
    rf"|(?<={_PUNCTUATION})(?P<closing>\*{{1,3}}|~~)(?={_IDEOGRAPH})|(?<={_IDEOGRAPH})(?P<opening>\*{{1,3}}|~~)(?={_PUNCTUATION})",
    re.DOTALL,
)
_TASK = re.compile(r"\[[ xX]\](?= )")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How what Markdown means is written; all of these have to make their text safe."""

    marks: Mapping[Style, str]
    bullet: str
    rule: str
    words: Callable[[str], str]
    """Text that isn't code, all that stands together of it."""
    code: Callable[[str], str]
    """Code within a line, in its backticks; empty for none."""
    fence: Callable[[str, str], str]
    """Lines of code, and the name of their language."""
    heading: Callable[[str, int], str]
    """A heading that is already in the dialect, and its level."""
    table: Callable[[Sequence[Sequence[Cell]]], str]
    """Rows of cells, the first of them the head."""
    spacing: Callable[[str, str, bool], tuple[str, str]]
    """What stands around a mark so that it is read as one, outside and inside, given the letters on these sides, and
    whether it opens."""
    line: Callable[[str], str] = lambda text: text
    """A finished line that begins nothing: no list, heading or quotation."""
    heading_styles: frozenset[Style] = frozenset()
    boxes: Mapping[str, str] = field(default_factory=dict)
    """How a task's box is written."""


def rewrite(markdown: str, dialect: Dialect) -> list[str]:
    """Converts Markdown (already `clean`) into paragraphs, in order and none of them empty; `[n]` stays as it is.

    A link keeps its words and shows its address as code, an image its description only.
    """
    # Without link definitions: "[1]: http://…" in a document must not turn the answer's [1] into a link.
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable(["reference", "html_block"])
    writer = _Writer(dialect)
    for token in parser.parse(_MARK_IN_CJK.sub(_divide, markdown.replace(INNER_EDGE, ""))):
        writer.take(token)
    return writer.paragraphs


def rewrite_line(tokens: Cell, dialect: Dialect, styles: frozenset[Style] = frozenset()) -> str:
    """One line's tokens in the dialect, all of it in `styles` besides its own."""
    written, inner = "", ""
    opened: list[Style] = []
    for run in _cut_at_edges(read_line(tokens, styles)):
        text = dialect.code(run.text) if run.is_code else dialect.words(run.text)
        if not text:
            continue
        wanted = _ordered(run)
        kept = len(commonprefix([opened, wanted]))
        closing, opening = opened[kept:], wanted[kept:]
        if closing:
            outside, inside = dialect.spacing(dialect.marks[opening[0]] if opening else text[0], inner, False)
            written += inside + _marks(dialect, reversed(closing)) + outside
        if opening:
            outside, inside = dialect.spacing(written[-1:], text[0], True)
            written += outside + _marks(dialect, opening) + inside
        opened, inner = wanted, text[-1]
        written += text
    if opened:
        written += dialect.spacing("", inner, False)[1] + _marks(dialect, reversed(opened))
    # Two codes side by side would be read as one, up to the end of the next: what stands there would be free.
    lines = re.split(r"\s*\n\s*", written.replace("``", "` `").strip())
    return "\n".join(dialect.line(line) for line in lines)


def _marks(dialect: Dialect, styles: Iterable[Style]) -> str:
    return "".join(dialect.marks[style] for style in styles)


def _divide(found: re.Match[str]) -> str:
    """CommonMark reads no mark between punctuation and a letter, and in these scripts no space stands between them."""
    if found["closing"]:
        return INNER_EDGE + found["closing"]
    return found["opening"] + INNER_EDGE if found["opening"] else found[0]


def _cut_at_edges(runs: Sequence[Run]) -> list[Run]:
    """Runs cut so that white space at their edges has only the styles of both its neighbours, and line ends none."""
    pieces = [
        Run(text, run.styles, is_code=run.is_code)
        for run in runs
        for text in ([run.text] if run.is_code else re.split(r"(\A\s+|\s*\n\s*|\s+\Z)", run.text))
        if text
    ]
    groups = [(blank, list(group)) for blank, group in groupby(pieces, key=_is_blank)]
    cut: list[Run] = []
    for place, (blank, group) in enumerate(groups):
        if blank:
            text = "".join(piece.text for piece in group)
            ends = "\n" in text or place in (0, len(groups) - 1)
            beside = [] if ends else [_ordered(groups[place - 1][1][-1]), _ordered(groups[place + 1][1][0])]
            group = [Run(text, frozenset(commonprefix(beside)))]
        cut += group
    return cut


def _is_blank(run: Run) -> bool:
    return not run.is_code and run.text.isspace()


def _ordered(run: Run) -> list[Style]:
    return [style for style in STYLES if style in run.styles]


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
        self._is_ruled_off = False

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
        elif kind == "hr":
            self._is_ruled_off = bool(self.paragraphs)
        elif kind == "inline" and self._rows is None:
            self._add_line(token.children or [])
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

    def _add_line(self, tokens: Cell) -> None:
        text = rewrite_line(tokens, self._dialect, self._dialect.heading_styles if self._heading else frozenset())
        if self._heading:
            text = self._dialect.heading(text, self._heading) if text else ""
        elif self._marker and _TASK.match(text):
            text = self._dialect.boxes.get(text[:3].lower(), text[:3]) + text[3:]
        self._add(text)

    def _add(self, text: str) -> None:
        if not text:
            return
        if self._is_ruled_off:
            self._is_ruled_off = self._in_list_before = False
            self.paragraphs.append(self._dialect.rule)
        text, self._marker = self._marker + text, ""
        if self._quotes:
            text = "\n".join("> " + line for line in text.split("\n"))
        if self._lists and self._in_list_before:
            self.paragraphs[-1] += "\n" + text
        else:
            self.paragraphs.append(text)
        self._in_list_before = bool(self._lists)
