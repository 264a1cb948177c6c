"""What was asked and answered in a thread before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from db.corpus import visible_to
from db.schema import question


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a thread, as it was searched for, and its answer."""

    question: str
    answer: str


def has_answered(engine: sa.Engine, workspace: str, channel: str, thread_ts: str) -> bool:
    """Whether the bot has answered in this thread."""
    with engine.connect() as connection:
        return bool(connection.scalar(sa.select(sa.exists().where(*_of_thread(workspace, channel, thread_ts)))))


def thread_history(
    engine: sa.Engine, workspace: str, channel: str, thread_ts: str, audience_ids: Sequence[int], turns: int
) -> list[Turn]:
    """The thread's last answered questions, at most `turns`, oldest first: only what these audiences may see."""
    wanted = (
        sa.select(sa.func.coalesce(question.c.rewritten_text, question.c.raw_text), question.c.answer)
        .where(*_of_thread(workspace, channel, thread_ts), question.c.answer.is_not(None), visible_to(audience_ids))
        .order_by(question.c.id.desc())
        .limit(turns)
    )
    with engine.connect() as connection:
        return [Turn(*row) for row in reversed(connection.execute(wanted).all())]


def start_thread(engine: sa.Engine, question_id: int, thread_ts: str) -> None:
    """Notes the thread that an answer began when it was posted; what is said in it follows up on the question."""
    noted = sa.update(question).where(question.c.id == question_id).values(thread_ts=thread_ts)
    with engine.begin() as connection:
        connection.execute(noted)


def _of_thread(workspace: str, channel: str, thread_ts: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        question.c.workspace == workspace,
        question.c.channel == channel,
        question.c.thread_ts == thread_ts,
    )
