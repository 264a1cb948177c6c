"""Markdown without what its readers don't see: comments, hidden HTML, entities in place of characters; pure."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.entities import html5

from db.store import clean_text
from intake.extract.blocks import line_starts, parse_blocks
from intake.extract.hidden import NEVER_SHOWN, Tag, hidden_ranges
from intake.extract.raised import as_characters

_WORTH_READING = re.compile(r"<[A-Za-z/!?]|&[#\w]|\{\s*/\*|^ {0,3}\[[^\]\n]*\]:|^(?: {4}|\t)", re.MULTILINE)
_MARK = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])|(?P<code>`+)|(?P<comment><!--)|(?P<mdx>\{\s{0,9}/\*)"
    r"|(?P<tag></?[A-Za-z][\w:.-]{0,60}(?=[\s/>]))|(?P<other><[?!])"
    r"|(?P<entity>&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
)
_REST_OF_TAG = re.compile(r"(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_MAX_TAG_CHARS = 2000
_COMMENT_END = re.compile(r"(?<=<!--)-?>|--!?>")
_MDX_END = re.compile(r"\*/\s*\}+")
_CODE_RUN = re.compile(r"`+")
_BREAKS = re.compile(r"(?:<br\s*/?>[ \t]*\n?[ \t]*)+", re.IGNORECASE)
_COMMENT_AS_LINK = re.compile(
    r" {0,3}\[[^\]\n]{0,200}\]:[ \t]*(?:\n[ \t]*)?(?:<\#?>|\#)"
    r"(?:[ \t]*(?:\n[ \t]*)?(?:\([^()]*\)|\"[^\"]*\"|'[^']*'))?[ \t]*(?:\n|\Z)"
    r"| {0,3}\[//\]:[^\n]*(?:\n|\Z)"
)
"""`[//]: # (a comment)`: a link's definition that leads nowhere."""

_MODULE_LINE = re.compile(
    r"import\s+(?:[\w*{][^\n]*?\sfrom\s*)?[\"']|import\s+\{"
    r"|export\s+(?:const|let|var|function|default|async|class)\b|export\s*[{*]"
)
_ACTIVE = frozenset("\\`*_[]<|~#&")
_SMALL = re.compile(r"<(?P<name>sup|sub)>(?P<text>[^<>`\n]{1,60})</(?P=name)\s*>", re.IGNORECASE)
_GONE = "\0"
"""Stands where something was taken away; no clean text has it."""

_GONE_LINE = re.compile(r"^[ \t]*\0[ \t\0]*$", re.MULTILINE)
_GONE_GAP = re.compile(r"(\A|(?<!\n)\n+)\0(?=\n|\Z)(?:\n+\0(?=\n|\Z))*(\n*)")
_GONE_SPACE = re.compile(r"(^[ \t]*|[ \t])\0[ \t\0]*", re.MULTILINE)
_PREFIX = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?")


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the text that isn't code: "text", "heading", "table" or "html"."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Edit:
    """What stands in the place of a stretch; what is "" leaves no empty line."""

    start: int
    end: int
    new: str = ""


def visible_markdown(text: str, *, is_mdx: bool = False) -> str:
    """Markdown as it is read: what is a comment or hidden is gone, and entities and `<br>` are what they stand for.

    Code stays as it is, indented code becomes fenced, and everything else stays as it was written. A character that
    would mean something in Markdown is escaped. In a table's row, which is one line, `<br>` stays. Of MDX, imports and
    exports go, too.
    """
    if not is_mdx and not _WORTH_READING.search(text):
        return text
    parts, edits = _read_parts(text, is_mdx=is_mdx)
    scanner = _Scanner(text, parts)
    edits += scanner.scan()
    edits += [_Edit(start, end) for start, end in hidden_ranges(scanner.tags)]
    return clean_text(_apply(text, edits)) if edits else text


def _read_parts(text: str, *, is_mdx: bool) -> tuple[list[_Part], list[_Edit]]:
    """What is to be looked through, and what whole blocks become."""
    starts = line_starts(text)
    parts: list[_Part] = []
    edits: list[_Edit] = []
    inside = ""
    for token in parse_blocks(text):
        kind = {"heading_open": "heading", "table_open": "table", "heading_close": "", "table_close": ""}
        inside = kind.get(token.type, inside)
        if token.map is None or (inside == "table" and token.type != "table_open"):
            continue
        start, end = starts[token.map[0]], starts[token.map[1]] - 1
        if token.type == "table_open":
            parts += [
                _Part("table", *span)
                for span in zip(starts[token.map[0] :], starts[token.map[0] + 1 : token.map[1] + 1], strict=False)
            ]
        elif token.type == "inline":
            comment = _COMMENT_AS_LINK.match(text, start, end)
            while comment:
                edits.append(_Edit(start, comment.end()))
                start = comment.end()
                comment = _COMMENT_AS_LINK.match(text, start, end) if start < end else None
            if is_mdx and token.level == 1 and not inside and _MODULE_LINE.match(text, start, end):
                edits.append(_Edit(start, end))
            elif start < end:
                parts.append(_Part(inside or "text", start, end))
        elif token.type == "html_block":
            parts.append(_Part("html", start, end))
        elif token.type == "code_block" and token.level == 0:
            edits.append(_Edit(start, end, _fenced(token.content)))
    return parts, edits


def _fenced(code: str) -> str:
    longest = max((len(run) for run in _CODE_RUN.findall(code)), default=0)
    marker = "`" * max(3, longest + 1)
    return f"{marker}\n{code.rstrip(chr(10))}\n{marker}"


class _Scanner:
    """Goes through the parts once; collects edits and tags."""

    def __init__(self, text: str, parts: Sequence[_Part]) -> None:
        self.tags: list[Tag] = []
        self._text = text
        self._parts = parts
        self._space_end = -1

    def scan(self) -> Iterator[_Edit]:
        """What is to be changed, in its order, hidden elements aside."""
        done = 0
        for place, part in enumerate(self._parts):
            position = max(part.start, done)
            runs = self._code_runs(part) if part.kind != "html" else {}
            while (mark := _MARK.search(self._text, position, part.end)) is not None:
                edit, position = self._take(mark, place, runs)
                if edit is not None:
                    yield edit
            done = max(done, position)

    def _code_runs(self, part: _Part) -> dict[int, list[int]]:
        runs = defaultdict(list)
        for run in _CODE_RUN.finditer(self._text, part.start, part.end):
            runs[len(run[0])].append(run.start())
        return runs

    def _take(self, mark: re.Match[str], place: int, runs: dict[int, list[int]]) -> tuple[_Edit | None, int]:
        """The edit that a mark asks for, if any, and where to go on."""
        part, start, end = self._parts[place], mark.start(), mark.end()
        kind = mark.lastgroup
        if kind == "code":
            same = runs.get(end - start, [])
            following = bisect_right(same, start)
            return None, same[following] + end - start if following < len(same) else end
        if kind in ("comment", "mdx"):
            end = self._comment_end(place, start, end, _COMMENT_END if kind == "comment" else _MDX_END)
            return _Edit(start, end), end
        if kind == "entity":
            return self._character(mark[0], start, end, part), end
        if kind in ("tag", "other"):
            rest = _REST_OF_TAG.match(self._text, end, min(part.end, end + _MAX_TAG_CHARS))
            return (None, end) if rest is None else self._element(part, mark, rest.end())
        return None, end

    def _element(self, part: _Part, mark: re.Match[str], end: int) -> tuple[_Edit | None, int]:
        start = mark.start()
        if mark["other"]:
            return _Edit(start, end), end
        name = mark[0].strip("</").lower()
        if name == "br":
            return self._line_break(part, start)
        if name in ("sup", "sub") and (small := _SMALL.match(self._text, start, part.end)):
            return _Edit(start, small.end(), as_characters(html.unescape(small["text"]), name)), small.end()
        tag = Tag(self._text[start:end], name, start, end, part.end, part.kind == "html")
        if name not in NEVER_SHOWN or tag.closes:
            self.tags.append(tag)
            return None, end
        # what is in there is no Markdown, and no HTML either
        closed = re.compile(rf"(?=</{name}[\s>])", re.IGNORECASE).search(self._text, end, part.end)
        if closed is None and part.kind != "html":
            return None, end  # "put it into a <script>": a word, as browsers would never show what follows
        self.tags.append(tag)
        return None, closed.end() if closed else part.end

    def _comment_end(self, place: int, start: int, opened: int, pattern: re.Pattern[str]) -> int:
        """Where a comment ends: it may be closed in a later block, and what isn't is none of this block's text."""
        closed = pattern.search(self._text, opened, self._parts[place].end)
        if closed:
            return closed.end()
        for part in self._parts[place + 1 : place + 50]:
            another = self._text.find(self._text[start:opened], part.start, part.end)
            closed = pattern.search(self._text, part.start, part.end)
            if closed and not 0 <= another < closed.start():
                return closed.end()
            if another >= 0:
                break
        return self._parts[place].end

    def _character(self, written: str, start: int, end: int, part: _Part) -> _Edit | None:
        if not written.startswith("&#") and written[1:] not in html5:
            return None
        character = html.unescape(written)
        if character.isspace():
            is_first = start == self._space_end or self._text[start - 1 : start] in ("", "\n", " ", "\t", ">")
            self._space_end = end
            return _Edit(start, end, "" if is_first else " ")
        follows = self._text[end : end + 1]
        if character == "<":
            means = follows.isalpha() or follows in tuple("/!?&")
        elif character == "&":
            means = re.match(r"#?\w+;", self._text[end : end + 40]) is not None
        elif character == "|":
            means = part.kind == "table"
        elif character in ">+-.)#":
            means = not self._text[self._text.rfind("\n", 0, start) + 1 : start].strip(" \t>")
        else:
            means = character in _ACTIVE
        return _Edit(start, end, "\\" + character if means else character)

    def _line_break(self, part: _Part, start: int) -> tuple[_Edit | None, int]:
        breaks = _BREAKS.match(self._text, start, part.end)
        end = breaks.end() if breaks else start + 1
        if part.kind == "table":
            return _Edit(start, end, "<br>") if end < part.end else None, end
        if part.kind == "heading":
            return _Edit(start, end, " "), end
        if not self._text[end : part.end].strip():
            return _Edit(start, part.end), part.end
        line = self._text[self._text.rfind("\n", 0, start) + 1 : start]
        prefix = re.sub(r"[^>\s]", " ", (_PREFIX.match(line) or [""])[0])
        several = self._text.count("<", start, end) > 1
        mark = "" if several or part.kind == "html" or not line.strip() else "\\"
        return _Edit(start, end, mark + "\n" + (prefix + "\n" if several else "") + prefix), end


def _apply(text: str, edits: Sequence[_Edit]) -> str:
    """The text with every edit made; of two that overlap, the one that begins first, or is longer, counts."""
    out: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if edit.start >= position:
            out += [text[position : edit.start], edit.new or _GONE]
            position = min(edit.end, len(text))
    written = _GONE_LINE.sub(_GONE, "".join([*out, text[position:]]))
    written = _GONE_GAP.sub(lambda gap: "\n\n" if gap[1] and gap[2].strip(" ") else "", written)
    return _GONE_SPACE.sub(r"\1", written).replace(_GONE, "")
