"""A page's tree as Markdown: markdownify's, so that what is text stays text."""

from __future__ import annotations

import re
from typing import Any

from bs4 import Tag
from markdownify import MarkdownConverter

_LOOKS_LIKE_HTML = re.compile(r"<(?=[A-Za-z/!?])|&(?=#?\w{1,32};)")
_LOOKS_LIKE_HEADING = re.compile(r"\A(\s*)(?=#{1,6}\s)")
_HARD_BREAKS = re.compile(r"(?:[ \t]*\\\n){2,}")
_LAST_BREAK = re.compile(r"[ \t]*\\\n(?=\s*(?:\n|\Z))")
_FENCE = re.compile(r"^ {0,3}(`{3,})", re.MULTILINE)
_FOLLOWING_LINE = re.compile(r"(?<=\n)(?=[^\n])")
_PIPE = re.compile(r"(?<!\\)\|")


def to_markdown(content: Tag) -> str:
    """A part of a page in Markdown; a page that is nested deeper than any that a person made gives its words alone."""
    try:
        text: str = _Converter(
            heading_style="ATX",
            bullets="-",
            escape_asterisks=False,
            escape_underscores=False,
            autolinks=False,
            newline_style="backslash",
        ).convert_soup(content)
    except RecursionError:
        text = content.get_text("\n")
    text = _LAST_BREAK.sub("\n", _HARD_BREAKS.sub("\n\n", text))
    return re.sub(r"\n{3,}", "\n\n", text)


_Markdownify: Any = MarkdownConverter  # half of it is typed


class _Converter(_Markdownify):  # type: ignore[misc]
    """Where a page shows `<b>`, Markdown must, too; a cell keeps its lines and its pipes."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        text = _LOOKS_LIKE_HEADING.sub(r"\1\\", super().escape(text, parent_tags))
        return _LOOKS_LIKE_HTML.sub(r"\\\g<0>", text)

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "pre" in parent_tags:
            return f"\n{text}"
        if parent_tags & {"td", "th"}:
            return f"<br>{text}"
        return str(super().convert_br(el, text, parent_tags))

    def convert_summary(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """A line of its own, above what it opens."""
        return f"\n\n{text.strip()}\n\n"

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        written = str(super().convert_pre(el, text, parent_tags))
        longest = max(map(len, _FENCE.findall(text)), default=0)
        fence = "`" * (longest + 1)
        return f"\n\n{fence}\n{text.strip(chr(10))}\n{fence}\n\n" if longest >= 3 and written.strip() else written

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_td(el, _PIPE.sub(r"\\|", text), parent_tags))

    def convert_th(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_th(el, _PIPE.sub(r"\\|", text), parent_tags))

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """An item with the number it has; where Markdown has no such number, it stands after a bullet."""
        value, text = str(el.get("value", "1")), text.strip()
        if el.parent is None or el.parent.name != "ol" or not text:
            return str(super().convert_li(el, text, parent_tags))
        mark, deep = (f"{value}. ", len(value) + 2) if value.isdecimal() else (f"- {value}. ", 2)
        return mark + _FOLLOWING_LINE.sub(" " * deep, text) + "\n"
