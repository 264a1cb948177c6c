"""Texts cut to what Slack takes, after they were escaped."""

from __future__ import annotations

from collections.abc import Callable

from slack_sdk.models.blocks import MarkdownTextObject

from bot.slack.text.mrkdwn import clean, escape_text, shorten


def one_line(text: str, limit: int, convert: Callable[[str], str] = escape_text) -> str:
    """One line of plain text, escaped, of at most `limit` characters after that."""
    line = " ".join(clean(text).split())
    return "".join(fit(line, limit, lambda shown: [convert(shown)]))


def fit(text: str, limit: int, convert: Callable[[str], list[str]]) -> list[str]:
    """Converts as much of a text as makes no more than `limit` characters: escaping lengthens it up to fivefold."""
    allowed = limit
    while allowed > 0:
        pieces = convert(shorten(text, allowed))
        length = sum(len(piece) + 2 for piece in pieces)
        if length <= limit + 2:
            return pieces
        allowed = min(allowed * 9 // 10, allowed * limit // length)
    return []


def verbatim(text: str) -> MarkdownTextObject:
    """Text of which Slack makes no links or mentions of its own."""
    return MarkdownTextObject(text=text, verbatim=True)
