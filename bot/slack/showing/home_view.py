"""App Home as blocks: what a person asked, their votes, and what the nights changed for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    InteractiveElement,
    SectionBlock,
)

from bot.slack.text import one_line, verbatim

if TYPE_CHECKING:
    from bot.answering import Change
    from db.answers import PastQuestion, ShownSource

PAGE_SIZE = 8
"""Questions shown at a time; with an admin's part the view stays under Slack's 100 blocks."""

HOME_VOTE = "home_vote"
ERASE_QUESTION = "home_erase_question"
ERASE_ALL = "home_erase_all"
HOME_EXPORT = "home_export"
TURN_PAGE = "home_page"

_QUESTION_LIMIT = 300
_TITLE_LIMIT = 120
_NAMED_OF_CHANGE = 5
_CHANNEL = re.compile(r"[CG][A-Z0-9]+")
_THUMBS = {1: "👍", -1: "👎"}


def person_blocks(questions: Sequence[PastQuestion], offset: int, *, has_more: bool) -> list[Block]:
    """A page of questions with their votes; `offset` newer ones come before it."""
    blocks: list[Block] = [HeaderBlock(text="My questions and votes")]
    if not questions:
        blocks.append(SectionBlock(text=verbatim("Nothing here yet. Ask me something, and vote on the sources.")))
    for asked in questions[:PAGE_SIZE]:
        blocks += _question_blocks(asked)
    turns: list[InteractiveElement] = []
    if offset:
        turns.append(ButtonElement(text="Newer", action_id=f"{TURN_PAGE}_newer", value=str(max(0, offset - PAGE_SIZE))))
    if has_more:
        turns.append(ButtonElement(text="Older", action_id=f"{TURN_PAGE}_older", value=str(offset + PAGE_SIZE)))
    if turns:
        blocks.append(ActionsBlock(elements=turns))
    return [*blocks, DividerBlock(), *_data_blocks()]


def change_blocks(asked_again: int, changes: Sequence[Change]) -> list[Block]:
    """What the nights changed for the person's latest questions; nothing where none was asked again."""
    if not asked_again:
        return []
    blocks: list[Block] = [HeaderBlock(text="What the last nights changed for you")]
    if not changes:
        blocks.append(SectionBlock(text=verbatim("Your latest questions would find the same documents as before.")))
    return blocks + [SectionBlock(text=verbatim(_change_text(change))) for change in changes]


def notice_block(sentence: str) -> Block:
    """What came of the last press."""
    return ContextBlock(elements=[verbatim(one_line(sentence, 500))])


def slack_date(moment: datetime) -> str:
    """A day as each reader's own calendar has it."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}}|{moment:%Y-%m-%d}>"


def _question_blocks(asked: PastQuestion) -> list[Block]:
    text = "a question that was not asked in public" if asked.text is None else one_line(asked.text, _QUESTION_LIMIT)
    where = f"<#{asked.channel}>" if _CHANNEL.fullmatch(asked.channel) else "a direct message"
    whose = "" if asked.is_own else " · asked by somebody else"
    lines = [f"*{text}*" if asked.text else f"_{text}_", f"{slack_date(asked.asked_at)} · {where}{whose}"]
    lines += [_source_line(source) for source in asked.sources]
    erase = ButtonElement(
        text="Erase",
        action_id=ERASE_QUESTION,
        value=str(asked.id),
        confirm=ConfirmObject(
            title="Erase this question?",
            text="It goes with its answer and everybody's votes on it, and can't be brought back.",
            confirm="Erase",
            deny="Keep",
        ),
    )
    blocks: list[Block] = [SectionBlock(text=verbatim("\n".join(lines)), accessory=erase if asked.is_own else None)]
    buttons = [button for source in asked.sources for button in (_vote_button(source, 1), _vote_button(source, -1))]
    if buttons:
        blocks.append(ActionsBlock(elements=buttons))
    return blocks


def _source_line(source: ShownSource) -> str:
    own = f" · your vote: {_THUMBS[source.value]}" if source.value else ""
    why = f"\n      _{source.why}_" if source.why else ""
    stale = f" · _{source.stale}_" if source.stale else ""
    return f"[{source.number}] {one_line(source.title, _TITLE_LIMIT)}{stale}{own}{why}"


def _vote_button(source: ShownSource, value: int) -> ButtonElement:
    """Says what shall stand after it is pressed: twice the same press changes nothing more."""
    stands = source.value == value
    return ButtonElement(
        text=f"[{source.number}] {_THUMBS[value]}{' take back' if stands else ''}",
        action_id=f"{HOME_VOTE}_{source.number}_{'up' if value > 0 else 'down'}",
        value=f"{source.citation_id} {0 if stands else value}",
        style="primary" if stands else None,
    )


def _change_text(change: Change) -> str:
    lines = [f"*{one_line(change.question.text or '', _QUESTION_LIMIT)}*"]
    for source in change.dropped[:_NAMED_OF_CHANGE]:
        voted = {1: ", which you voted up,", -1: ", which you voted down,"}.get(source.value, "")
        lines.append(f"• {one_line(source.title, _TITLE_LIMIT)}{voted} no longer comes up")
    lines += [f"• {one_line(title, _TITLE_LIMIT)} comes up now" for title in change.titles_added[:_NAMED_OF_CHANGE]]
    return "\n".join(lines)


def _data_blocks() -> list[Block]:
    erase = ConfirmObject(
        title="Erase everything?",
        text="All your questions with their answers, all your votes, and what you taught me. It can't be brought back.",
        confirm="Erase everything",
        deny="Keep",
    )
    return [
        SectionBlock(text=verbatim("*Your data*: everything you asked, voted and decided here.")),
        ActionsBlock(
            elements=[
                ButtonElement(text="Export everything", action_id=HOME_EXPORT),
                ButtonElement(text="Erase everything", action_id=ERASE_ALL, style="danger", confirm=erase),
            ]
        ),
    ]
