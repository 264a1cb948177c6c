"""Which question a message answers, and a source belongs to: the ways back from what people see in Slack."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db import schema
from db.errors import UnknownIdError


def is_posted(engine: sa.Engine, event_id: str) -> bool:
    """Whether the answer to an event was posted as a message."""
    message, question = schema.answer_message, schema.question
    posted = sa.select(message.c.question_id).join(question, question.c.id == message.c.question_id)
    with engine.connect() as connection:
        return bool(connection.scalar(sa.select(posted.where(question.c.event_id == event_id).exists())))


def remember_message(engine: sa.Engine, workspace: str, channel: str, message_ts: str, question_id: int) -> None:
    """Notes that an answer, or a part of it, was posted as this message; noting it twice is fine."""
    row = {"workspace": workspace, "channel": channel, "message_ts": message_ts, "question_id": question_id}
    with engine.begin() as connection:
        connection.execute(insert(schema.answer_message).values(row).on_conflict_do_nothing())


def question_of_message(engine: sa.Engine, workspace: str, channel: str, message_ts: str) -> int | None:
    """The question that a message answers; None for any other message."""
    message = schema.answer_message
    wanted = sa.select(message.c.question_id).where(
        message.c.workspace == workspace, message.c.channel == channel, message.c.message_ts == message_ts
    )
    with engine.connect() as connection:
        return connection.scalar(wanted)


def question_of_citation(engine: sa.Engine, citation_id: str) -> int:
    """The question whose answer shows this source.

    Raises:
        UnknownIdError: there is no such source.
    """
    citation = schema.citation
    with engine.connect() as connection:
        row = connection.execute(sa.select(citation.c.question_id).where(citation.c.id == citation_id)).one_or_none()
    if row is None:
        raise UnknownIdError("There is no source by that id.")
    return int(row.question_id)
