"""Markdown as Slack's streams take it, with nothing left in it that notifies a person or leads anywhere.

Slack renders a stream's Markdown by itself: tables and code come out whole, but so would links and `<@U…>`. What
looks like an address becomes code, and a word joiner, which nobody sees, breaks up what would be a mention or a link.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.slack.text.inline import Cell
from bot.slack.text.markup import ZERO_WIDTH_SPACE, Dialect, rewrite, rewrite_line
from bot.slack.text.mrkdwn import BROADCAST, WORD_JOINER, clean

_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}:/{1,3}[^\s`]+|mailto:[^\s`]+"
    # a domain by itself, or a mail address
    r"|(?<![\w.@+-])[\w.@+-]+\.[^\W\d_]{2}\w*(?:[/:?#][^\s`]*)?",
    re.IGNORECASE,
)
_MENTION = re.compile(r"<(?=[@#!]|[a-z][a-z0-9+.-]*:(?!:))", re.IGNORECASE)
_TAG = re.compile(rf"<(?![\s{WORD_JOINER}])")
"""At a text's end as well: a mark may follow it."""
_LINK = re.compile(r"\](?=[(:])")
_IN_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LITERAL = re.compile(r"\*(?=\S)|(?<=\S)\*|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)|~(?=~)|(?<=~)~")
_BLOCK = re.compile(r"\A(?:(?=#{1,6}\s|[+-]\s|>)|(?<=\A)(?P<number>\d{1,9})(?=[.)]\s))")
_DELIMITERS = re.compile(r"\A(?=[|:\s]*+-[|:\s-]*+\Z|=+\Z)")
_LANGUAGE = re.compile(r"[a-z0-9+#-]{1,20}", re.IGNORECASE)


def to_markdown(markdown: str) -> list[str]:
    """Converts any Markdown into harmless Markdown: paragraphs, none of them empty; `[n]` stays as it is.

    As long as it takes to parse: shorten first, as for `to_mrkdwn`.
    """
    return rewrite(clean(markdown), _MARKDOWN)


def unaddressed(text: str) -> str:
    """Breaks up what would be a mention, a broadcast or a link in angle brackets, in code as well."""
    return BROADCAST.sub("@" + WORD_JOINER, _MENTION.sub("<" + WORD_JOINER, text))


def is_harmless(markdown: str) -> bool:
    """Whether nothing in a whole text notifies or leads anywhere, wherever its pieces came from."""
    prose = " ".join(_IN_CODE.split(markdown))
    return unaddressed(markdown) == markdown and not any(live.search(prose) for live in (_LINK, _ADDRESS, _TAG))


def _words(text: str) -> str:
    pieces: list[str] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        pieces += [_plain(text[end : match.start()]), _code(match.group())]
        end = match.end()
    return "".join(pieces) + _plain(text[end:])


def _plain(text: str) -> str:
    # Backticks and backslashes could free what stands in code beside them.
    text = _ENTITY.sub("&amp;", text.replace("`", "'").replace("\\", "\\\\"))
    text = _LITERAL.sub(lambda mark: "\\" + mark[0], text)
    text = _TAG.sub("<" + WORD_JOINER, text)
    return unaddressed(_LINK.sub("]" + WORD_JOINER, text))


def _code(code: str) -> str:
    code = unaddressed(code.replace("`", "'")).strip()
    return f"`{code}`" if code else ""


def _fence(code: str, language: str) -> str:
    code = unaddressed(code.replace("`", "'")).strip("\n")
    named = _LANGUAGE.match(language.strip())
    return f"```{named[0] if named else ''}\n{code}\n```" if code.strip() else ""


def _table(rows: Sequence[Sequence[Cell]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    head, *body = [[_cell(cell) for cell in row] for row in rows]
    return "\n".join([line(head), line(["---"] * len(head)), *map(line, body)])


def _line(line: str) -> str:
    """What wasn't a list, a heading or a table must not become one: a table's bars would end cells within code."""
    line = _DELIMITERS.sub(WORD_JOINER, line)
    return _BLOCK.sub(lambda begin: (begin["number"] or "") + "\\", line)


def _spacing(outer: str, inner: str, opens: bool) -> tuple[str, str]:
    """A mark between punctuation and a letter isn't read as one, nor are two marks side by side."""
    beside = ZERO_WIDTH_SPACE if outer in ("*", "~") else ""
    inside = not inner.isalnum() and not inner.isspace() and outer.isalnum()
    return beside, ZERO_WIDTH_SPACE if inside else ""


def _cell(cell: Cell) -> str:
    # A bar would end the cell in the middle of its code.
    return " ".join(rewrite_line(cell, _MARKDOWN).replace("|", "¦").split())


_MARKDOWN = Dialect(
    marks={"bold": "**", "italic": "*", "strike": "~~"},
    bullet="-",
    rule="---",
    words=_words,
    code=_code,
    fence=_fence,
    heading=lambda text, level: f"{'#' * level} {' '.join(text.split())}",
    table=_table,
    spacing=_spacing,
    line=_line,
)
