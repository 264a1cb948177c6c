"""Markdown into Slack's mrkdwn, with nothing left in it that notifies a person or leads anywhere.

An answer is written by a model from documents that anyone may have written. So every `& < >` is escaped (Slack's
mentions and links are written `<…>`), a link keeps its words and shows its address as code, which Slack doesn't make
clickable, images keep their description only, and `@channel` and its like are broken up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from bot.slack.text.markup import Cell, Dialect, rewrite

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
BROADCAST = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}:/{1,3}[^\s`]+|mailto:[^\s`]+", re.IGNORECASE)
WORD_JOINER = "\u2060"
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


def _heading(text: str, level: int) -> str:
    return f"*{text.replace('*', '')}*"


def _table(rows: Sequence[Sequence[Cell]]) -> str:
    """Columns of characters; a cell that is too wide pushes the rest of its row to the right."""
    texts = [["".join(token.content for token in cell) for cell in row] for row in rows]
    widths = [min(max(map(len, column)), _COLUMN_LIMIT) for column in zip_longest(*texts, fillvalue="")]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in texts]
    return _fence("\n".join([lines[0], "-" * min(max(map(len, lines)), _RULE_LIMIT), *lines[1:]]))


_MRKDWN = Dialect(
    bold="*", italic="_", bullet="•", words=escape_text, code=_code, fence=_fence, heading=_heading, table=_table
)
