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
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}:/{1,3}[^\s`]+|\bmailto:[^\s`]+", re.IGNORECASE)
_WORD_JOINER = "\u2060"
_MARKS = {"strong_open": "*", "strong_close": "*", "em_open": "_", "em_close": "_", "softbreak": "\n", "hardbreak": "\n"}


def clean(text: str) -> str:
    """Takes out what no message may carry: lone surrogates, control and text-direction characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def escape(text: str) -> str:
    """Makes text safe to stand in mrkdwn: it is shown as written and mentions nobody."""
    text = _BROADCAST.sub("@" + _WORD_JOINER, clean(text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shorten(text: str, limit: int) -> str:
    """Cuts plain text to `limit` characters, at a word's end where there is one, and says so by an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: max(0, limit - 2)]
    word_end = max(head.rfind(" "), head.rfind("\n"))
    return (head[:word_end] if word_end > limit // 2 else head).rstrip() + " …"


def to_mrkdwn(markdown: str) -> list[str]:
    """Converts Markdown into mrkdwn paragraphs, in order, none empty; `[n]` stays as it is."""
    # Without link definitions: "[1]: http://…" in a document must not turn the answer's [1] into a link.
    parser = MarkdownIt("commonmark", {"html": False}).disable(["reference", "entity", "html_block", "html_inline"])
    return _paragraphs(parser.parse(clean(markdown)))


def _paragraphs(tokens: Sequence[Token]) -> list[str]:
    found: list[str] = []
    lists: list[int | None] = []
    marker = ""
    quotes = 0
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrs.get("start", 1)) if token.type.startswith("ordered") else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            number = lists[-1]
            marker = "    " * (len(lists) - 1) + ("• " if number is None else f"{number}. ")
            lists[-1] = None if number is None else number + 1
        elif token.type in ("blockquote_open", "blockquote_close"):
            quotes += token.nesting
        else:
            text = _block(token, heading=bool(found) and found[-1] == _HEADING)
            if token.type == "heading_open":
                found.append(_HEADING)
            elif text:
                if found and found[-1] == _HEADING:
                    found.pop()
                _append(found, marker + text, quoted=quotes > 0, joined=bool(lists))
                marker = ""
    return [text for text in found if text != _HEADING]


_HEADING = "\x00heading"


def _append(found: list[str], text: str, *, quoted: bool, joined: bool) -> None:
    if quoted:
        text = "\n".join("> " + line for line in text.split("\n"))
    found.append(text)


def _block(token: Token, *, heading: bool) -> str:
    if token.type in ("fence", "code_block"):
        return _fence(token.content)
    if token.type != "inline":
        return ""
    text = _inline(token.children or []).strip()
    return f"*{text.replace('*', '')}*" if heading and text else text


def _fence(code: str) -> str:
    code = escape(code.replace("```", "'''")).strip("\n")
    return f"```\n{code}\n```" if code.strip() else ""


def _code(code: str) -> str:
    code = escape(code.replace("`", "'")).strip()
    return f"`{code}`" if code else ""


def _inline(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    link: tuple[str, int] | None = None
    for token in tokens:
        if token.type == "link_open":
            link = (str(token.attrs.get("href", "")), len(parts))
        elif token.type == "link_close" and link is not None:
            parts.append(_address_after(link[0], "".join(parts[link[1] :])))
            link = None
        elif token.type == "text":
            parts.append(_text(token.content))
        elif token.type == "code_inline":
            parts.append(_code(token.content))
        elif token.type == "image":
            parts.append(_text(token.content))
        else:
            parts.append(_MARKS.get(token.type, ""))
    return "".join(parts)


def _text(text: str) -> str:
    """Escapes running text and puts bare addresses into code, so that no client makes links of them."""
    pieces: list[str] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        pieces += [escape(text[end : match.start()]), _code(match.group())]
        end = match.end()
    return "".join(pieces) + escape(text[end:])


def _address_after(address: str, words: str) -> str:
    shown = _code(clean(address))
    return "" if not shown or shown in words else f" ({shown})"
