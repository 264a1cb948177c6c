"""HTML's tags in Markdown become Markdown, or go: what is left is what its readers see; pure."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

from intake.extract.code_spans import CodeSpans
from intake.extract.edits import Edit, apply_edits
from intake.extract.elements import BLOCKS, KNOWN, NO_TEXT, attribute, is_whole
from intake.extract.html import html_to_markdown
from intake.extract.parts import Part, read_parts
from intake.extract.raised import as_characters
from intake.extract.visible import MAX_TAG_CHARS, REST_OF_TAG

_STRUCK = ("del", "s", "strike")
_MARKS = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em"), "*"),
    **dict.fromkeys(_STRUCK, "~~"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "`"),
    "q": '"',
}
_FRAGMENTS = frozenset(("ol", "ul", "dl", "table", "math"))

_WORTH_READING = re.compile(r"</?[A-Za-z]")
_MARK = re.compile(r"\\.|(?P<code>`+)|<(?P<ends>/?)(?P<name>[A-Za-z][\w.:-]{0,40})(?=[\s/>])", re.DOTALL)
_WRITTEN_TAG = re.compile(r"<[^<>]*>?")
_ELEMENT_END = r"(?P<text>[^<>`\n]{1,300})</%s\s*>"
_SMALL = r"(?P<text>(?:[^<>`\n]|<[^<>`\n]{1,100}>){1,100}?)</%s\s*>"
_QUOTED = re.compile(r"^ {0,3}>[> \t]*", re.MULTILINE)
_CONTAINERS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?")
_TARGET = re.compile(r"(?:https?://|mailto:|[\w./#-])[^\s()<>]*")
_LARGEST_FRAGMENT = 20_000
_MOST_CONVERTED = 1_000
"""Blocks, lists and formulas in a document; of the others the tags go."""
_NEAR_CHARS = 300
_MEANS = re.compile(r"[\\`*_\[\]<|]")


def without_tags(text: str, *, is_mdx: bool = False) -> str:
    """Blocks of HTML, lists, links, pictures, struck-out and stressed words as Markdown has them; other tags go.

    Code stays, and so do names between angle brackets that are no tags of HTML's, as in `ssh <user>@host`; in MDX those
    of components go. An abbreviation is spelled out where it is first used.
    """
    if not _WORTH_READING.search(text):
        return text
    parts, edits = read_parts(text, is_mdx=is_mdx)
    reader = _Reader(text, is_mdx=is_mdx)
    for part in parts:
        edits += reader.read(part)
    return apply_edits(text, edits).strip("\n") if edits else text


class _Reader:
    """Reads the parts in their order; remembers which abbreviations were spelled out."""

    def __init__(self, text: str, *, is_mdx: bool) -> None:
        self._text = text
        self._is_mdx = is_mdx
        self._spelled: set[tuple[str, str]] = set()
        self._converted = 0

    def read(self, part: Part) -> Iterator[Edit]:
        """What is to be changed in a part."""
        if part.kind == "html" and self._may_convert and is_whole(self._text[part.start : part.end]):
            yield Edit(part.start, part.end, self._convert(part.start, part.end))
            return
        # in HTML backticks mean nothing
        code = CodeSpans(self._text, part.start, part.end if part.kind != "html" else part.start)
        position = part.start
        while (mark := _MARK.search(self._text, position, part.end)) is not None:
            position = mark.end()
            if mark["code"]:
                position = code.end_of(mark.start(), position)
            elif mark["name"] and (edit := self._tag(mark, part)) is not None:
                yield edit
                position = edit.end

    def _tag(self, found: re.Match[str], part: Part) -> Edit | None:
        name, start = found["name"].lower(), found.start()
        rest = REST_OF_TAG.match(self._text, found.end(), min(part.end, found.end() + MAX_TAG_CHARS))
        if rest is None or name == "br":
            return None
        if name not in KNOWN:
            return Edit(start, rest.end()) if self._is_mdx and found["name"][:1].isupper() else None
        if name == "img":
            return Edit(start, rest.end(), attribute(rest[0], "alt") if part.kind != "heading" else "")
        if not found["ends"] and (edit := self._element(name, start, rest, part)) is not None:
            return edit
        if len(name) == 1 and not self._is_closed(name, found, part):
            return None
        return Edit(start, rest.end(), self._gap(start, rest.end(), part) if name in BLOCKS else "")

    def _element(self, name: str, start: int, rest: re.Match[str], part: Part) -> Edit | None:
        """What becomes of the whole of it; None where it isn't one of those, or not on one line."""
        if name in _FRAGMENTS or name in NO_TEXT:
            end = self._end_of_fragment(name, rest.end(), part)
            return Edit(start, end, self._fragment(name, start, end, part)) if end is not None else None
        if name in ("sup", "sub"):
            return self._small(name, start, rest.end(), part)
        become = self._become.get(name)
        element = re.compile(_ELEMENT_END % name, re.IGNORECASE).match(self._text, rest.end(), part.end)
        if become is None or element is None:
            return None
        new = become(self, name, rest[0], element["text"], part, start)
        return Edit(start, element.end(), new) if new else None

    def _end_of_fragment(self, name: str, start: int, part: Part) -> int | None:
        """Where it is closed, if no other of its kind is in it."""
        end = re.compile(rf"<(/?){name}(?=[\s/>])[^<>]{{0,300}}>", re.IGNORECASE).search(
            self._text, start, min(part.end, start + _LARGEST_FRAGMENT)
        )
        return end.end() if end is not None and end[1] and self._may_convert else None

    def _fragment(self, name: str, start: int, end: int, part: Part) -> str:
        """A list, a table or a formula within other text: on its lines, as deep in lists and quotations as they are."""
        if name in NO_TEXT:
            return ""
        written = self._convert(start, end).strip()
        if part.kind == "table":
            return re.sub(r"\s*\n\s*", "<br>", re.sub(r"(?<!\\)\|", r"\\|", written))
        if name == "math" or part.kind == "heading":
            return " ".join(written.split())
        line = self._text[self._text.rfind("\n", 0, start) + 1 : start]
        prefix = re.sub(r"[^>\s]", " ", (_CONTAINERS.match(line) or [""])[0])
        gap = f"\n{prefix.rstrip()}\n{prefix}"
        after = gap if self._words_after(end, part) else ""
        return (gap if _has_words(line) else "") + written.replace("\n", f"\n{prefix}") + after

    def _small(self, name: str, start: int, opened: int, part: Part) -> Edit | None:
        """What is raised or lowered, stressed or a link, too."""
        small = re.compile(_SMALL % name, re.IGNORECASE).match(self._text, opened, part.end)
        text = _WRITTEN_TAG.sub("", small["text"]).strip() if small else ""
        return Edit(start, small.end(), as_characters(html.unescape(text), name)) if small and text else None

    @property
    def _may_convert(self) -> bool:
        return self._converted < _MOST_CONVERTED

    def _convert(self, start: int, end: int) -> str:
        self._converted += 1
        written = _QUOTED.sub("", self._text[start:end])
        return html_to_markdown(f"<main>{written}</main>")[1].strip("\n")

    def _is_closed(self, name: str, found: re.Match[str], part: Part) -> bool:
        """Whether it has both ends not far apart: `Vec<i>` has not."""
        near = (
            self._text[max(part.start, found.start() - MAX_TAG_CHARS) : found.start()]
            if found["ends"]
            else self._text[found.end() : min(part.end, found.end() + MAX_TAG_CHARS)]
        )
        return f"<{'' if found['ends'] else '/'}{name}" in near.lower()

    def _gap(self, start: int, end: int, part: Part) -> str:
        """What parts two blocks that stand on one line."""
        is_parted = self._text[start - 1 : start] in ("", " ", ">") or self._text[end : end + 1] == " "
        line = self._text[max(0, start - _NEAR_CHARS) : start].rpartition("\n")[2]
        if is_parted or not _has_words(line) or not self._words_after(end, part):
            return ""
        return "\n\n" if part.kind == "html" else " "

    def _words_after(self, end: int, part: Part) -> bool:
        return _has_words(self._text[end : min(part.end, end + _NEAR_CHARS)].partition("\n")[0])

    def _stress(self, name: str, _rest: str, text: str, part: Part, _start: int) -> str:
        if text.strip() != text or (part.kind == "heading" and name not in _STRUCK):
            return "" if text.strip() != text else text
        mark = _MARKS[name]
        return mark + (html.unescape(text) if mark == "`" else text) + mark

    def _link(self, _name: str, rest: str, text: str, part: Part, _start: int) -> str:
        target = attribute(rest, "href")
        return f"[{text}]({target})" if part.kind != "heading" and text.strip() and _TARGET.fullmatch(target) else text

    def _spell_out(self, _name: str, rest: str, text: str, part: Part, start: int) -> str:
        title = " ".join(attribute(rest, "title").split())
        if not title or len(title) > _NEAR_CHARS or (text, title) in self._spelled:
            return text
        self._spelled.add((text, title))
        end = start + len("<abbr") + len(rest)
        near = self._text[max(part.start, start - _NEAR_CHARS) : start] + self._text[end : end + _NEAR_CHARS]
        near = _WRITTEN_TAG.sub("", near)
        return text if title.casefold() in near.casefold() else text + " (" + _MEANS.sub(r"\\\g<0>", title) + ")"

    _become: dict[str, Callable[[_Reader, str, str, str, Part, int], str]] = {
        **dict.fromkeys(_MARKS, _stress),
        **dict.fromkeys(("abbr", "acronym", "dfn"), _spell_out),
        "a": _link,
    }


def _has_words(text: str) -> bool:
    return any(char.isalnum() for char in _WRITTEN_TAG.sub("", text))
