"""An answer as Slack shows it: blocks within Slack's limits, and the plain text for notifications.

Under the answer's text stands one row per source: its number and title, linked if it can be, and two buttons that
carry the citation's id. Slack allows 50 blocks, 3,000 characters a section, and about 13,200 characters for all text
of a message; this module keeps to 13,000, the notification's text included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot.slack.mrkdwn import clean, escape_text, escape_words, shorten, to_mrkdwn

if TYPE_CHECKING:
    from db.question import Answer, Source

ANSWER_LIMIT = 6_000
"""Characters of the answer's own blocks, all together."""
NOTIFICATION_LIMIT = 2_500
NOTE_LIMIT = 400
ROW_LIMIT = 1_000
ROWS_LIMIT = 4_000
"""Characters of one source's row and of all of them, their links included."""
SECTION_LIMIT = 3_000
MAX_SOURCES = 20
"""Two blocks each, so that they and the answer stay under Slack's 50."""

VOTE_UP = "vote_up"
VOTE_DOWN = "vote_down"
NO_ANSWER = "I have nothing to say to that."

_SAFE_IN_ADDRESS = ":/?#[]@!$&'()*+,;=%-._~"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message: what notifications and screen readers say, and the blocks that are shown instead of it."""

    text: str
    blocks: list[Block]


def render_answer(answer: Answer) -> Rendered:
    """Lays an answer out; whatever its texts hold, every block is valid and only cited sources are linked."""
    paragraphs = _fit(answer.text, ANSWER_LIMIT, to_mrkdwn) or [NO_ANSWER]
    blocks: list[Block] = [SectionBlock(text=_mrkdwn(text)) for text in _sections(paragraphs)]
    if answer.note and clean(answer.note).strip():
        blocks.append(ContextBlock(elements=[_mrkdwn(_plain(answer.note, NOTE_LIMIT))]))
    sources = answer.sources[:MAX_SOURCES]
    for source in sources:
        blocks += _row(source, min(ROW_LIMIT, ROWS_LIMIT // len(sources)))
    text = "\n".join(_fit(answer.text, NOTIFICATION_LIMIT, to_mrkdwn) or [NO_ANSWER])
    return Rendered(text, blocks)


def vote_line(number: int, value: int) -> str:
    """What a person reads after pressing a button: their own vote as it now stands (1, -1, or 0 for none)."""
    if value == 0:
        return f"Your vote on [{number}] is taken back."
    return f"Your vote on [{number}]: {'👍' if value > 0 else '👎'} (press again to take it back)"


def _row(source: Source, limit: int) -> list[Block]:
    number = f"*[{source.number}]* "
    where = _plain(source.section, limit // 8)
    tail = f" · {where}" if where else ""
    room = limit - len(number) - len(tail)
    address = link_address(source.uri)
    if address is not None and len(address) <= room // 2:
        room -= len(address) + len("<|>")
        title = _plain(source.title, room, escape_words) or _plain(_last_parts(source.uri), room, escape_words)
        name = f"<{address}|{title}>"
    else:
        path = _plain(_last_parts(source.uri), room // 3, escape_words)
        title = _plain(source.title, room - len(path) - len(" ``")) or "Untitled"
        name = f"{title} `{path}`" if path else title
    return [
        SectionBlock(text=_mrkdwn(number + name + tail)),
        ActionsBlock(
            elements=[
                _button("👍", VOTE_UP, source, "was a good source"),
                _button("👎", VOTE_DOWN, source, "was a bad source"),
            ]
        ),
    ]


def _button(face: str, action_id: str, source: Source, meaning: str) -> ButtonElement:
    return ButtonElement(
        text=PlainTextObject(text=face, emoji=True),
        action_id=action_id,
        value=source.citation_id,
        accessibility_label=f"[{source.number}] {meaning}",
    )


def link_address(uri: str) -> str | None:
    """The address as it may stand in a Slack link, or None where it isn't a plain web address."""
    try:
        parts = urlsplit(clean(uri).strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return quote(parts.geturl(), safe=_SAFE_IN_ADDRESS).replace("&", "&amp;")


def _last_parts(uri: str) -> str:
    """`file:///a/b/handbook/security.md` → `handbook/security.md`; what a person can recognise and nothing private."""
    path = re.split(r"[?#]", clean(uri).strip(), maxsplit=1)[0]
    return "/".join([part for part in re.split(r"[/\\]+", path) if part and not part.endswith(":")][-2:])


def _plain(text: str, limit: int, convert: Callable[[str], str] = escape_text) -> str:
    """One line of plain text, escaped, of at most `limit` characters after that."""
    line = " ".join(clean(text).split())
    return "".join(_fit(line, limit, lambda shown: [convert(shown)]))


def _fit(text: str, limit: int, convert: Callable[[str], list[str]]) -> list[str]:
    """Converts as much of a text as makes no more than `limit` characters: escaping lengthens it up to fivefold."""
    allowed = limit
    while allowed > 0:
        pieces = convert(shorten(text, allowed))
        length = sum(len(piece) + 2 for piece in pieces)
        if length <= limit + 2:
            return pieces
        allowed = min(allowed * 9 // 10, allowed * limit // length)
    return []


def _sections(paragraphs: list[str]) -> Iterator[str]:
    """Packs paragraphs into as few sections as they fit in."""
    packed = ""
    for piece in (piece for paragraph in paragraphs for piece in _split(paragraph)):
        if packed and len(packed) + len("\n\n") + len(piece) > SECTION_LIMIT:
            yield packed
            packed = piece
        else:
            packed = f"{packed}\n\n{piece}" if packed else piece
    if packed:
        yield packed


def _split(paragraph: str) -> Iterator[str]:
    """Cuts a paragraph that is too long for one section; code that is cut through is closed and opened again."""
    before, after = ("```\n", "\n```") if paragraph.startswith("```\n") else ("", "")
    rest = paragraph[len(before) : len(paragraph) - len(after)]
    room = SECTION_LIMIT - len(before) - len(after) - len("`")
    while len(rest) > room:
        head = re.sub(r"&[a-z]{0,4}\Z", "", rest[:room])
        cut = max(head.rfind("\n"), head.rfind(" "))
        cut = cut if cut > room // 2 else len(head)
        head, rest = rest[:cut], rest[cut:].lstrip("\n ")
        if head.count("`") % 2:
            head, rest = head + "`", "`" + rest
        yield before + head + after
    if rest:
        yield before + rest + after


def _mrkdwn(text: str) -> MarkdownTextObject:
    # Verbatim: Slack then makes no links or mentions of its own out of plain words.
    return MarkdownTextObject(text=text, verbatim=True)
