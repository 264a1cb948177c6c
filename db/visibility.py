"""Whether a question's text may be shown to others, and an earlier answer to the readers of a reply now."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from db.engine import plain_errors
from db.schema import chunk, citation, document, impression, question


def asked_in_public() -> sa.ColumnElement[bool]:
    """A condition on `question`: everybody may see its text, since it stands in a public channel.

    What was asked there by a command stands nowhere, and is in no thread, until who asked shares it.
    """
    return sa.and_(question.c.channel_kind == "public", question.c.thread_ts.is_not(None))


def may_be_shown(engine: sa.Engine, question_id: int, audience_ids: Sequence[int]) -> bool:
    """Whether whoever may see these audiences' documents may see this answer; see `visible_to`."""
    wanted = sa.select(sa.exists().where(question.c.id == question_id, visible_to(audience_ids)))
    with plain_errors(), engine.connect() as connection:
        return bool(connection.scalar(wanted))


def visible_to(audience_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """A condition on `question`: its answer was made for no other audiences, and each of its sources is theirs still.

    A source that is gone can't be told from one that was withdrawn.
    """
    theirs = (
        sa.exists()
        .where(chunk.c.id == impression.c.chunk_id, document.c.id == chunk.c.document_id)
        .where(document.c.deleted_at.is_(None), document.c.audience_id.in_(audience_ids))
        .correlate(impression)
    )
    withdrawn = (
        sa.exists()
        .where(citation.c.question_id == question.c.id, impression.c.id == citation.c.impression_id, ~theirs)
        .correlate(question)
    )
    return sa.and_(question.c.audience_ids.contained_by(list(audience_ids)), ~withdrawn)
