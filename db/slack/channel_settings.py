"""When the bot answers in a channel, as its people set it."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.schema import channel_setting

Answers = Literal["mention", "always", "off"]

WAYS_TO_ANSWER: tuple[Answers, ...] = ("mention", "always", "off")


def answers_in(engine: sa.Engine, workspace: str, channel: str) -> Answers:
    """When the bot answers in this channel; "mention" where nobody has set anything."""
    setting = channel_setting.c
    wanted = sa.select(setting.answers).where(setting.workspace == workspace, setting.channel == channel)
    with engine.connect() as connection:
        found: Answers | None = connection.scalar(wanted)
    return found or "mention"


def set_answers(engine: sa.Engine, workspace: str, channel: str, answers: Answers, changed_by: str) -> None:
    """Sets it, by whom; the latest word counts."""
    changed = {"answers": answers, "changed_by": changed_by, "changed_at": sa.func.now()}
    row = {"workspace": workspace, "channel": channel} | changed
    with engine.begin() as connection:
        connection.execute(
            insert(channel_setting)
            .values(row)
            .on_conflict_do_update(constraint=channel_setting.primary_key, set_=changed)
        )
