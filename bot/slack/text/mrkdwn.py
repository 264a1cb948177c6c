"""Markdown into Slack's mrkdwn, with nothing left in it that notifies a person or leads anywhere.

An answer is written by a model from documents that anyone may have written. So every `& < >` is escaped (Slack's
mentions and links are written `<…>`), a link keeps its words and shows its address as code, which Slack doesn't make
clickable, images keep their description only, and `@channel` and its like are broken up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

from bot.slack.text.inline import Cell, line_text
from bot.slack.text.markup import ZERO_WIDTH_SPACE, Dialect, rewrite

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
BROADCAST = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}:/{1,3}[^\s`]+|mailto:[^\s`]+", re.IGNORECASE)
WORD_JOINER = "\u2060"
_PAIR = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])|(?<![\w_])_(?=[^\s_])([^_\n]*[^\s_])_(?![\w_])")
"""What Slack would take for bold or italic, and Markdown didn't."""
_BEFORE_MARK, _AFTER_MARK = frozenset(("", *"\u200b \n([{\"'-–—/")), frozenset(" \n.,;:!?)]}\"'-–—…/")
_COLUMN_LIMIT, _RULE_LIMIT = 32, 80


def clean(text: str) -> str:
    """Takes out what no message may carry: lone surrogates, control and text-direction characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def escape(text: str) -> str:
    """Makes text safe to stand in mrkdwn: it is shown as written and mentions nobody."""
    text = BROADCAST.sub("@" + WORD_JOINER, clean(text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_words(text: str) -> str:
    """Escapes, and takes stray backticks away: one would pair with the next code's and free what that holds."""
    return escape(text.replace("`", "'"))


def escape_text(text: str) -> str:
    """Escapes, and puts bare addresses into code, so that no client makes links of them."""
    pieces: list[str] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        pieces += [escape_words(text[end : match.start()]), _code(match.group())]
        end = match.end()
    return "".join(pieces) + escape_words(text[end:])


def shorten(text: str, limit: int) -> str:
    """Cuts plain text to `limit` characters, at a word's end where there is one, and says so by an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: max(0, limit - 2)]
    word_end = max(head.rfind(" "), head.rfind("\n"))
    return (head[:word_end] if word_end > limit // 2 else head).rstrip() + " …"


def to_mrkdwn(markdown: str) -> list[str]:
    """Converts Markdown into mrkdwn paragraphs, in order and none of them empty; `[n]` stays as it is.

    Tables, which mrkdwn doesn't have, become columns in a code block. Parsing takes time quadratic in the length of
    hostile text: shorten first (6,000 characters: 0.2 s at most).
    """
    return rewrite(clean(markdown), _MRKDWN)


def _fence(code: str, language: str = "") -> str:
    code = escape(code.replace("`", "'")).strip("\n")
    return f"```\n{code}\n```" if code.strip() else ""


def _code(code: str) -> str:
    code = escape(code.replace("`", "'")).strip()
    return f"`{code}`" if code else ""


def _words(text: str) -> str:
    """Text without the marks that were none: mrkdwn has no way to escape them."""

    def unmarked(pair: re.Match[str]) -> str:
        return f"∗{pair[1]}∗" if pair[1] else f"ˍ{pair[2]}ˍ"

    return escape_text(_PAIR.sub(unmarked, text))


def _spacing(outer: str, inner: str, opens: bool) -> tuple[str, str]:
    """Slack reads a mark only beside white space and some punctuation; a space of no width will do."""
    return "" if outer in (_BEFORE_MARK if opens else _AFTER_MARK) else ZERO_WIDTH_SPACE, ""


def _table(rows: Sequence[Sequence[Cell]]) -> str:
    """Columns of characters; a cell that is too wide pushes the rest of its row to the right."""
    texts = [[line_text(cell) for cell in row] for row in rows]
    widths = [min(max(map(_width, column)), _COLUMN_LIMIT) for column in zip_longest(*texts, fillvalue="")]
    lines = [
        "  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=False)).rstrip()
        for row in texts
    ]
    return _fence("\n".join([lines[0], "-" * min(max(map(_width, lines)), _RULE_LIMIT), *lines[1:]]))


def _width(text: str) -> int:
    """Columns on the screen: wide letters take two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


_MRKDWN = Dialect(
    marks={"bold": "*", "italic": "_", "strike": "~"},
    bullet="•",
    rule="─" * 12,
    words=_words,
    code=_code,
    fence=_fence,
    heading=lambda text, level: " ".join(text.split()),
    table=_table,
    spacing=_spacing,
    line=lambda line: WORD_JOINER + line if line.startswith("&gt;") else line,
    heading_styles=frozenset({"bold"}),
    boxes={"[ ]": "☐", "[x]": "☑"},
)
