"""AsciiDoc as Markdown: headings, lists, tables, code and notes; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intake.formats.escaping import escape_text, fenced, table

_ATTRIBUTE = re.compile(r":!?([\w-]+)!?:(?:[ \t]+(.*))?")
_HEADING = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*?)(?:[ \t]+\1)?[ \t]*")
_BLOCK_ATTRIBUTES = re.compile(r"\[([^\[\]]*)\][ \t]*")
_BLOCK_TITLE = re.compile(r"\.(?![.\s])(.+)")
_DELIMITED = re.compile(r"(-{4,}|\.{4,}|={4,}|\*{4,}|_{4,}|/{4,}|\+{4,}|--|```\w*)[ \t]*")
_TABLE = re.compile(r"([|,:!])===[ \t]*")
_MACRO_LINE = re.compile(r"(?:include|ifdef|ifndef|ifeval|endif|toc|image|video|audio)::.*")
_ITEM = re.compile(r"[ \t]*(\*{1,5}|-|\.{1,5}|\d+\.)[ \t]+(\S.*)")
_TERM = re.compile(r"(\S.*?):{2,4}(?:[ \t]+(.*))?")
_ADMONITION = re.compile(r"(NOTE|TIP|IMPORTANT|WARNING|CAUTION):[ \t]+(.*)")
_LINK = re.compile(
    r"(?:link:|xref:|mailto:)?(https?://[^\s\[\]<>]+|(?<=link:)[^\s\[\]]+|(?<=xref:)[^\s\[\]]+)\[([^\]\n]*)\]"
)
_CROSS_REFERENCE = re.compile(r"<<([^<>,\n]+)(?:,\s*([^<>\n]+))?>>")
_ANCHOR = re.compile(r"\[\[[^\[\]\n]*\]\]|(?<!\w)anchor:[\w-]+\[[^\]\n]*\]")
_INLINE_MACRO = re.compile(r"\b(?:image|icon|kbd|btn|menu|footnote|pass|stem):(?!:)[^\s\[\]]*\[([^\]\n]*)\]")
_REFERENCE = re.compile(r"\{([\w-]+)\}")
_DOUBLED = re.compile(r"(\*\*|__|``|##)(?=\S)(.+?)(?<=\S)\1")
_STRONG = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_CELL = re.compile(r"(?:(?<=\s)|^)(?:\d+\*)?(?:\d+)?(?:\.\d+)?\+?[<^>]?(?:\.[<^>])?[adehlmsv]?(?<!\\)\|")
_LANGUAGE = re.compile(r"[\w+#-]{1,20}")


def asciidoc_to_markdown(text: str) -> str:
    """What its readers see; comments, anchors and what stands in other files left out."""
    return "\n\n".join(block for block in _Reader(text).blocks() if block.strip())


class _Reader:
    """Goes through the lines once."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._at = 0
        self._attributes: dict[str, str] = {}
        self._block = ""
        """The attributes in brackets above the block at hand."""

    def blocks(self) -> Iterator[str]:
        """The blocks, in Markdown."""
        while self._at < len(self._lines):
            yield from self._next()

    def _next(self) -> Iterator[str]:
        line = self._lines[self._at].rstrip()
        if not line or _MACRO_LINE.fullmatch(line) or (line.startswith("//") and not line.startswith("////")):
            self._at += 1
        elif attribute := _ATTRIBUTE.fullmatch(line):
            self._attributes[attribute[1]] = attribute[2] or ""
            self._at += 1
        elif line.startswith("[[") and line.endswith("]]"):
            self._at += 1
        elif attributes := _BLOCK_ATTRIBUTES.fullmatch(line):
            self._block = attributes[1]
            self._at += 1
        elif _DELIMITED.fullmatch(line):
            yield self._delimited(line)
            self._block = ""
        elif opened := _TABLE.fullmatch(line):
            yield self._table(line, opened[1])
            self._block = ""
        elif heading := _HEADING.fullmatch(line):
            is_title = not any(line.strip() for line in self._lines[: self._at] if not line.startswith((":", "//")))
            self._at += 1
            if is_title and len(heading[1]) == 1:
                self._skip_header()
            yield f"{'#' * len(heading[1])} {self._inline(heading[2])}"
        elif title := _BLOCK_TITLE.fullmatch(line):
            self._at += 1
            yield self._inline(title[1])
        else:
            yield self._paragraph()
            self._block = ""

    def _skip_header(self) -> None:
        """Passes over who wrote it, and in which revision; attributes there count."""
        while self._at < len(self._lines) and (line := self._lines[self._at].rstrip()):
            if attribute := _ATTRIBUTE.fullmatch(line):
                self._attributes[attribute[1]] = attribute[2] or ""
            self._at += 1

    def _delimited(self, opening: str) -> str:
        """What stands between two lines of the same marks."""
        closing = "```" if opening.startswith("```") else opening
        end = next((n for n in range(self._at + 1, len(self._lines)) if self._lines[n].rstrip() == closing), None)
        end = len(self._lines) if end is None else end
        body = "\n".join(self._lines[self._at + 1 : end])
        self._at = end + 1
        mark = opening[0]
        if mark == "/" or (mark == "+" and "stem" not in self._block):
            return ""
        if mark in "-.`" and opening != "--" or "source" in self._block or "listing" in self._block:
            return fenced(
                re.sub(r"[ \t]*(?://|#|;;)?[ \t]*<\d+>[ \t]*$", "", body, flags=re.MULTILINE), self._language(opening)
            )
        return asciidoc_to_markdown(body)

    def _language(self, opening: str) -> str:
        parts = [part.strip() for part in self._block.split(",")]
        name = opening.removeprefix("```") if opening.startswith("```") else parts[1] if len(parts) > 1 else ""
        return name if _LANGUAGE.fullmatch(name) and "source" in (parts[0] or "source") else ""

    def _table(self, closing: str, mark: str) -> str:
        end = next((n for n in range(self._at + 1, len(self._lines)) if self._lines[n].rstrip() == closing), None)
        end = len(self._lines) if end is None else end
        lines = self._lines[self._at + 1 : end]
        self._at = end + 1
        if mark in ",:":
            rows = [[cell.strip().strip('"') for cell in line.split(mark)] for line in lines if line.strip()]
        else:
            rows = _rows(lines, self._block)
        return table([[self._inline(cell) for cell in row] for row in rows]) if rows else ""

    def _paragraph(self) -> str:
        lines: list[str] = []
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip()
            if not line or (lines and (_DELIMITED.fullmatch(line) or _TABLE.fullmatch(line) or line == "+")):
                break
            self._at += 1
            if not line.startswith("//"):
                lines.append(self._line(line))
        if self._at < len(self._lines) and self._lines[self._at].rstrip() == "+":
            self._at += 1
        return "\n".join(lines)

    def _line(self, line: str) -> str:
        if item := _ITEM.fullmatch(line):
            deep = len(item[1]) - 1 if item[1][0] in "*." else 0
            return f"{'  ' * deep}{'1.' if item[1][0] in '.0123456789' else '-'} {self._inline(item[2])}"
        if note := _ADMONITION.fullmatch(line):
            return f"{note[1].capitalize()}: {self._inline(note[2])}"
        if term := _TERM.fullmatch(line):
            return f"- {self._inline(term[1])}: {self._inline(term[2] or '')}".rstrip()
        return self._inline(line.removesuffix(" +").strip())

    def _inline(self, text: str) -> str:
        text = _REFERENCE.sub(lambda own: self._attributes.get(own[1], own[0]), text)
        text = _ANCHOR.sub("", text)
        text = _CROSS_REFERENCE.sub(lambda own: own[2] or own[1], text)
        text = _LINK.sub(lambda own: own[2].rstrip("^") or own[1], text)
        text = _INLINE_MACRO.sub(r"\1", text)
        text = _DOUBLED.sub(r"\2", text)
        return escape_text(_STRONG.sub(r"**\1**", text)).strip()


def _rows(lines: list[str], attributes: str) -> list[list[str]]:
    """A table's cells by rows: as many as `cols` says, else as stand on the first line."""
    cells: list[str] = []
    width = _width(attributes)
    for line in lines:
        starts = list(_CELL.finditer(line))
        if not starts and cells and line.strip():
            cells[-1] = f"{cells[-1]}\n{line.strip()}".strip()
        ends = [mark.start() for mark in starts[1:]] + [len(line)]
        cells += [line[mark.end() : end].strip() for mark, end in zip(starts, ends, strict=False)]
        if not width and cells:
            width = len(cells)
    return [cells[place : place + width] for place in range(0, len(cells), width)] if width else []


def _width(attributes: str) -> int:
    found = re.search(r'cols\s*=\s*"?([^"\]]+)"?', attributes)
    if not found:
        return 0
    columns = [part.strip() for part in re.split(r"[,;]", found[1]) if part.strip()]
    return sum(int(own[1]) if (own := re.match(r"(\d{1,3})\*", column)) else 1 for column in columns)
