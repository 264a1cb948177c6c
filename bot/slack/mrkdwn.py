"""Markdown into Slack's mrkdwn, with nothing left in it that notifies a person or leads anywhere.

An answer is written by a model from documents that anyone may have written. So every `& < >` is escaped (Slack's
mentions and links are written `<…>`), a link keeps its words and shows its address as code, which Slack doesn't make
clickable, images keep their description only, and `@channel` and its like are broken up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_BROADCAST = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}:/{1,3}[^\s`]+|mailto:[^\s`]+", re.IGNORECASE)
_WORD_JOINER = "\u2060"
_MARKS = {
    "strong_open": "*",
    "strong_close": "*",
    "em_open": "_",
    "em_close": "_",
    "softbreak": "\n",
    "hardbreak": "\n",
}
_INDENT = "    "


def clean(text: str) -> str:
    """Takes out what no message may carry: lone surrogates, control and text-direction characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def escape(text: str) -> str:
    """Makes text safe to stand in mrkdwn: it is shown as written and mentions nobody."""
    text = _BROADCAST.sub("@" + _WORD_JOINER, clean(text))
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

    Parsing takes time quadratic in the length of hostile text: shorten first (6,000 characters: 0.2 s at most).
    """
    # Without link definitions: "[1]: http://…" in a document must not turn the answer's [1] into a link.
    parser = MarkdownIt("commonmark", {"html": False}).disable("reference")
    writer = _Writer()
    for token in parser.parse(clean(markdown)):
        writer.take(token)
    return writer.paragraphs


class _Writer:
    """Takes the parser's block tokens in order; knows which list, quotation or heading it is in."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self._lists: list[int | None] = []
        self._marker = ""
        self._quotes = 0
        self._heading = False
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
            self._heading = token.nesting > 0
        elif kind == "inline":
            self._add(_inline(token.children or []).strip())
        elif kind in ("fence", "code_block"):
            self._add(_fence(token.content))

    def _begin_item(self) -> None:
        number = self._lists[-1]
        self._marker = _INDENT * (len(self._lists) - 1) + ("• " if number is None else f"{number}. ")
        self._lists[-1] = None if number is None else number + 1

    def _add(self, text: str) -> None:
        if not text:
            return
        if self._heading:
            text = f"*{text.replace('*', '')}*"
        text, self._marker = self._marker + text, ""
        if self._quotes:
            text = "\n".join("> " + line for line in text.split("\n"))
        if self._lists and self._in_list_before:
            self.paragraphs[-1] += "\n" + text
        else:
            self.paragraphs.append(text)
        self._in_list_before = bool(self._lists)


def _fence(code: str) -> str:
    code = escape(code.replace("`", "'")).strip("\n")
    return f"```\n{code}\n```" if code.strip() else ""


def _code(code: str) -> str:
    code = escape(code.replace("`", "'")).strip()
    return f"`{code}`" if code else ""


def _inline(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    address, begin = "", 0
    for token in tokens:
        if token.type == "link_open":
            address, begin = str(token.attrs.get("href", "")), len(parts)
        elif token.type == "link_close":
            shown = _code(address)
            parts.append("" if not shown or shown in "".join(parts[begin:]) else f" ({shown})")
        elif token.type in ("text", "image"):
            parts.append(escape_text(token.content))
        elif token.type == "code_inline":
            parts.append(_code(token.content))
        else:
            parts.append(_MARKS.get(token.type, ""))
    return "".join(parts)
