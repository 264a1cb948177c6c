"""An answer as Slack shows it: blocks within Slack's limits, and the plain text for notifications.

Under the answer's text stands one row per source: its number and title, linked if it can be, and two buttons that
carry the citation's id. Slack allows 50 blocks, 3,000 characters a section, and about 13,200 characters for all text
of a message; this module keeps to 13,000, the notification's text included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    SectionBlock,
)

from bot.slack.showing.source_rows import name_document, source_row
from bot.slack.showing.vote_buttons import answer_row
from bot.slack.text import clean, fit, one_line, to_markdown, to_mrkdwn, verbatim

if TYPE_CHECKING:
    from db.question import Answer

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

NO_ANSWER = "I have nothing to say to that."
NEAREST = "The nearest documents, in case one helps:"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message: what notifications and screen readers say, and the blocks that are shown instead of it."""

    text: str
    blocks: list[Block]


def render_answer(answer: Answer) -> Rendered:
    """Lays an answer out; whatever its texts hold, every block is valid and only cited sources are linked."""
    draft = render_draft(answer.text)
    return Rendered(draft.text, draft.blocks + render_rows(answer))


def render_draft(text: str) -> Rendered:
    """The text of an answer by itself."""
    paragraphs = fit(text, ANSWER_LIMIT, to_mrkdwn) or [NO_ANSWER]
    blocks: list[Block] = [SectionBlock(text=verbatim(section)) for section in _sections(paragraphs)]
    return Rendered("\n".join(fit(text, NOTIFICATION_LIMIT, to_mrkdwn) or [NO_ANSWER]), blocks)


def render_rows(answer: Answer) -> list[Block]:
    """What stands under an answer's text: its note, the documents nearest to a refused one, a row for each source."""
    blocks: list[Block] = []
    if answer.note and clean(answer.note).strip():
        blocks.append(ContextBlock(elements=[verbatim(one_line(answer.note, NOTE_LIMIT))]))
    if answer.nearest:
        names = [name_document(near.title, near.uri, ROWS_LIMIT // len(answer.nearest) // 2) for near in answer.nearest]
        blocks.append(ContextBlock(elements=[verbatim("\n".join([NEAREST, *(f"• {name}" for name in names)]))]))
    sources = answer.sources[:MAX_SOURCES]
    for source in sources:
        blocks += source_row(source, min(ROW_LIMIT, ROWS_LIMIT // len(sources)))
    return blocks + answer_row(answer.question_id, sources)


def with_text(blocks: Sequence[dict[str, Any]], answer: Answer) -> list[dict[str, Any]]:
    """A message's blocks, the answer's text among them: Slack may keep what was streamed apart from its blocks."""
    if len(blocks) > len(render_rows(answer)):
        return list(blocks)
    return [block.to_dict() for block in render_draft(answer.text).blocks] + list(blocks)


def stream_text(text: str) -> str:
    """The text of an answer as the Markdown of a stream; never longer than `ANSWER_LIMIT`."""
    return "\n\n".join(fit(text, ANSWER_LIMIT, to_markdown))


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
