"""Markdown without what its readers don't see: comments, hidden HTML, entities in place of characters; pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from html.entities import html5

from db.store import clean_text
from intake.extract.code_spans import CodeSpans
from intake.extract.edits import Edit, apply_edits
from intake.extract.hidden import NEVER_SHOWN, Tag, hidden_ranges
from intake.extract.parts import Part, read_parts
from intake.extract.raised import as_characters
from intake.extract.template_comments import ENDS, MAY_STAND, OPENED

_WORTH_READING = re.compile(
    r"<[A-Za-z/!?]|&[#\w]|\{-?\s*/[*/]|"
    + MAY_STAND
    + r"|^ {0,3}\[[^\]\n]*\]:|^(?: {4}|\t|>[> ]* {4})|^[ >\-*+\d][^`~\n]{0,20}(?:```|~~~)",
    re.MULTILINE,
)
_MARK = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])|(?P<code>`+)|(?P<comment><!--)|(?P<mdx>\{{1,2}-?\s{0,9}/\*)"
    r"|(?P<lines>\{\s{0,9}(?://[^\n]*\n\s{0,9})+\})|"
    + OPENED
    + r"|(?P<tag></?[A-Za-z][\w:.-]{0,60}(?=[\s/>]))|(?P<other><[?!])"
    r"|(?P<entity>&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
)
REST_OF_TAG = re.compile(r"(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
"""What follows a tag's name, to its end, attributes in quotes whole."""
MAX_TAG_CHARS = 2000
_COMMENT_END = re.compile(r"(?<=<!--)-?>|--!?>")
_MOST_BLOCKS = 50
"""A comment's longest; further its end isn't looked for."""
_MDX_END = re.compile(r"\*/\s*-?\}+")
_BREAKS = re.compile(r"(?:<br\s*/?>[ \t]*\n?[ \t]*)+", re.IGNORECASE)
_ACTIVE = frozenset("\\`*_[]<|~#&")
_SMALL = re.compile(r"<(?P<name>sup|sub)>(?P<text>[^<>`\n]{1,60})</(?P=name)\s*>", re.IGNORECASE)
_INLINE_PICTURE = re.compile(r"!\[([^\]\n]{0,300})\]\((?:data:[^()\s]*)?\)")
_PREFIX = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?")


def visible_markdown(text: str, *, is_mdx: bool = False) -> str:
    """Markdown as it is read: what is a comment or hidden is gone, and entities and `<br>` are what they stand for.

    Code stays as it is, indented code becomes fenced, and everything else stays as it was written. A character that
    would mean something in Markdown is escaped. In a table's row, which is one line, `<br>` stays. Of MDX, imports and
    exports go, too. A picture that is written into the text leaves its description.
    """
    return _INLINE_PICTURE.sub(r"\1", _without_hidden(text, is_mdx=is_mdx))


def _without_hidden(text: str, *, is_mdx: bool) -> str:
    if not is_mdx and not _WORTH_READING.search(text):
        return text
    parts, edits = read_parts(text, is_mdx=is_mdx)
    scanner = _Scanner(text, parts)
    edits += scanner.scan()
    edits += [Edit(start, end) for start, end in hidden_ranges(scanner.tags)]
    return clean_text(apply_edits(text, edits)) if edits else text


class _Scanner:
    """Goes through the parts once; collects edits and tags."""

    def __init__(self, text: str, parts: Sequence[Part]) -> None:
        self.tags: list[Tag] = []
        self._text = text
        self._parts = parts
        self._space_end = -1
        self._unclosed: set[tuple[str, int]] = set()
        """What closes nothing more in the part that begins there: it isn't looked for again."""

    def scan(self) -> Iterator[Edit]:
        """What is to be changed, in its order, hidden elements aside."""
        done = 0
        for place, part in enumerate(self._parts):
            position = max(part.start, done)
            # in HTML backticks mean nothing
            code = CodeSpans(self._text, part.start, part.end if part.kind != "html" else part.start)
            while (mark := _MARK.search(self._text, position, part.end)) is not None:
                edit, position = self._take(mark, place, code)
                if edit is not None:
                    yield edit
            done = max(done, position)

    def _take(self, mark: re.Match[str], place: int, code: CodeSpans) -> tuple[Edit | None, int]:
        """The edit that a mark asks for, if any, and where to go on."""
        part, start, end = self._parts[place], mark.start(), mark.end()
        kind = mark.lastgroup
        if kind == "code":
            return None, code.end_of(start, end)
        if kind in ("comment", "mdx"):
            end = self._comment_end(place, start, end, _COMMENT_END if kind == "comment" else _MDX_END)
            return Edit(start, end), end
        if kind in ENDS:
            return self._template_comment(place, start, end, ENDS[kind])
        if kind == "lines":
            return Edit(start, end), end
        if kind == "other":
            return self._declaration(part, start, end)
        if kind == "entity":
            return self._character(mark[0], start, end, part), end
        if kind == "tag":
            rest = REST_OF_TAG.match(self._text, end, min(part.end, end + MAX_TAG_CHARS))
            return (None, end) if rest is None else self._element(part, mark, rest.end())
        return None, end

    def _element(self, part: Part, mark: re.Match[str], end: int) -> tuple[Edit | None, int]:
        start = mark.start()
        name = mark[0].strip("</").lower()
        if name == "br":
            return self._line_break(part, start)
        if name in ("sup", "sub") and (small := _SMALL.match(self._text, start, part.end)):
            return Edit(start, small.end(), as_characters(html.unescape(small["text"]), name)), small.end()
        tag = Tag(self._text[start:end], name, start, end, part.end, part.kind == "html")
        if name not in NEVER_SHOWN or tag.closes:
            self.tags.append(tag)
            return None, end
        # what is in there is no Markdown, and no HTML either
        closed = self._find(rf"(?i:</{name}(?=[\s>]))", part, end)
        if closed is None and part.kind != "html":
            return None, end  # "put it into a <script>": a word, as browsers would never show what follows
        self.tags.append(tag)
        return None, closed.start() if closed else part.end

    def _declaration(self, part: Part, start: int, end: int) -> tuple[Edit | None, int]:
        """What a processing instruction, a declaration or CDATA holds is shown nowhere."""
        is_cdata = self._text.startswith("[CDATA[", end)
        ending = r"\?>" if self._text[end - 1] == "?" else r"\]\]>" if is_cdata else ">"
        closed = self._find(ending, part, end)
        if closed is None:
            return None, end
        return Edit(start, closed.end()), closed.end()

    def _template_comment(self, place: int, start: int, end: int, ending: str) -> tuple[Edit | None, int]:
        """To its end in this block or a later one."""
        for part in self._parts[place : place + _MOST_BLOCKS]:
            closed = self._find(ending, part, max(end, part.start))
            if closed is not None:
                return Edit(start, closed.end()), closed.end()
        return None, end

    def _find(self, pattern: str, part: Part, position: int) -> re.Match[str] | None:
        if (pattern, part.start) in self._unclosed:
            return None
        found = re.compile(pattern).search(self._text, position, part.end)
        if found is None:
            self._unclosed.add((pattern, part.start))
        return found

    def _comment_end(self, place: int, start: int, opened: int, pattern: re.Pattern[str]) -> int:
        """Where a comment ends: it may be closed in a later block, and what isn't is none of this block's text."""
        closed = pattern.search(self._text, opened, self._parts[place].end)
        if closed:
            return closed.end()
        for part in self._parts[place + 1 : place + _MOST_BLOCKS]:
            another = self._text.find(self._text[start:opened], part.start, part.end)
            closed = pattern.search(self._text, part.start, part.end)
            if closed and not 0 <= another < closed.start():
                return closed.end()
            if another >= 0:
                break
        return self._parts[place].end

    def _character(self, written: str, start: int, end: int, part: Part) -> Edit | None:
        if not written.startswith("&#") and written[1:] not in html5:
            return None
        character = html.unescape(written)
        if character.isspace():
            is_first = start == self._space_end or self._text[start - 1 : start] in ("", "\n", " ", "\t", ">")
            self._space_end = end
            return Edit(start, end, "" if is_first else " ")
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
        return Edit(start, end, "\\" + character if means else character)

    def _line_break(self, part: Part, start: int) -> tuple[Edit | None, int]:
        breaks = _BREAKS.match(self._text, start, part.end)
        end = breaks.end() if breaks else start + 1
        if part.kind == "table":
            return Edit(start, end, "<br>") if end < part.end else None, end
        if part.kind == "heading":
            return Edit(start, end, " "), end
        if not self._text[end : part.end].strip():
            return Edit(start, part.end), part.end
        line = self._text[self._text.rfind("\n", 0, start) + 1 : start]
        prefix = re.sub(r"[^>\s]", " ", (_PREFIX.match(line) or [""])[0])
        several = self._text.count("<", start, end) > 1
        mark = "" if several or part.kind == "html" or not line.strip() else "\\"
        return Edit(start, end, mark + "\n" + (prefix + "\n" if several else "") + prefix), end
