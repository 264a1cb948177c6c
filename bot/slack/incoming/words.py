"""All words of a message as Slack sends it: its text, and what stands in blocks, attachments, forwards and files.

What comes out is mrkdwn, escaped as Slack's own texts are. A message that a person forwards has no text of its own, an
alert that a program posts often has nothing but blocks, and some have the same words in two places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from bot.slack.incoming.fields import Payload, mapping_at, text_at

_MAX_DEPTH = 8
_IN_LINE = ("rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text")
_PRESSED = ("actions", "button", "input")
"""What is there to be pressed or filled in says nothing."""
_NAMES = {"user": "<@{}>", "channel": "<#{}>", "usergroup": "<!subteam^{}>", "broadcast": "<!{}>", "emoji": ":{}:"}
_NAMED_BY = {"user": "user_id", "channel": "channel_id", "usergroup": "usergroup_id", "broadcast": "range"}


@dataclass(frozen=True, slots=True)
class MessageWords:
    """What a message says: its writer's own words, what it brings in, and whose that is ("<workspace>:<user>")."""

    own: str
    attached: str
    authors: tuple[str, ...] = ()

    @property
    def all(self) -> str:
        """Own words first."""
        return "\n".join(part for part in (self.own, self.attached) if part)


def read_words(message: Payload, team: str) -> MessageWords:
    """The words of a message or of an event about one, in the workspace where it stands.

    The preview of a link beside somebody's own words is left out, and so are files' titles: they were not written to
    be asked.
    """
    text = text_at(message, "text").strip()
    own = _joined([text, *_blocks(message, "blocks")] if message.get("bot_id") or not text else [text])
    attachments = [part for part in _items(message, "attachments") if not (own and _is_preview(part))]
    attached = _joined([words for part in attachments for words in _attachment(part)], besides=own)
    if not own and not attached:
        attached = _joined(
            [_plain(text_at(file, "title") or text_at(file, "name")) for file in _items(message, "files")]
        )
    authors = dict.fromkeys(author for part in attachments if (author := _author(part, team)))
    return MessageWords(own, attached, tuple(authors))


def _joined(texts: list[str], besides: str = "") -> str:
    """Texts under each other, each only where it isn't there already."""
    lines: list[str] = []
    known = _bare(besides)
    for text in texts:
        bare = _bare(text)
        if bare and bare not in known:
            lines.append(text.strip())
            known += "\n" + bare
    return "\n".join(lines)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _attachment(attachment: Payload) -> Iterator[str]:
    """An attachment's parts in the order in which Slack shows them; its plain summary only where there are none."""
    parts = [text_at(attachment, name) for name in ("pretext", "title", "text")]
    for field in _items(attachment, "fields"):
        parts.append(": ".join(filter(None, (text_at(field, "title"), text_at(field, "value")))))
    parts += _blocks(attachment, "blocks")
    for inner in _items(attachment, "message_blocks"):
        parts += _blocks(mapping_at(inner, "message"), "blocks")
    parts += [_plain(text_at(file, "title")) for file in _items(attachment, "files")]
    parts = [part for part in parts if part.strip()]
    yield from parts or [text_at(attachment, "fallback")]


def _is_preview(attachment: Payload) -> bool:
    shared = attachment.get("is_share") or attachment.get("is_msg_unfurl")
    return bool(attachment.get("from_url") or attachment.get("original_url")) and not shared


def _author(attachment: Payload, team: str) -> str:
    user = text_at(attachment, "author_id")
    return f"{text_at(attachment, 'channel_team') or team}:{user}" if user else ""


def _blocks(message: Payload, name: str) -> list[str]:
    return [words for block in _items(message, name) for words in _block(block, _MAX_DEPTH)]


def _block(block: Payload, depth: int) -> Iterator[str]:
    """The words of a block or of anything in one, a text for each line or cell."""
    kind = text_at(block, "type")
    if kind in _PRESSED or not depth:
        return
    if kind in _IN_LINE and not any(
        text_at(part, "type").startswith("rich_text") for part in _items(block, "elements")
    ):
        yield "".join(_element(part) for part in _items(block, "elements"))
        return
    if isinstance(block.get("text"), str):
        yield _plain(text_at(block, "text")) if kind in ("plain_text", "raw_text") else text_at(block, "text")
    for name in ("title", "text", "description", "fields", "elements", "rows"):
        yield from _inner(block.get(name), depth - 1)
    if kind in ("image", "video", "file"):
        yield from map(_plain, (text_at(block, "alt_text"), text_at(block, "title")))


def _inner(part: object, depth: int) -> Iterator[str]:
    if isinstance(part, dict):
        yield from _block(part, depth)
    elif isinstance(part, list) and depth:
        for item in part:
            yield from _inner(item, depth - 1)


def _element(element: Payload) -> str:
    """A piece of a rich text's line, as it would be written in a message's text."""
    kind = text_at(element, "type")
    if kind in _NAMES:
        named = text_at(element, _NAMED_BY.get(kind, "name"))
        return _NAMES[kind].format(named) if named else ""
    return _plain(text_at(element, "text") or text_at(element, "url") or text_at(element, "fallback"))


def _plain(text: str) -> str:
    return escape(text, quote=False)


def _items(payload: Payload, name: str) -> list[Payload]:
    found = payload.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
