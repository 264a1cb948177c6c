"""Who saw an answer, whether its question's text may be shown to others, and the answer to a reply's readers now."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from db.errors import UnknownIdError
from db.schema import chunk, document, impression, question

GONE_TITLE = "A document that is gone"
RESTRICTED_TITLE = "A document that is not for you to see"


def asked_in_public() -> sa.ColumnElement[bool]:
    """A condition on `question`: everybody may see its text, since it stands in a public channel.

    What was asked there by a command stands nowhere, and is in no thread, until who asked shares it.
    """
    return sa.and_(question.c.channel_kind == "public", question.c.thread_ts.is_not(None))


def was_shown_to(connection: sa.Connection, question_id: int, person: str) -> bool:
    """Whether somebody ("<workspace>:<user>") may have seen an answer, and so may vote on it.

    A channel's replies are for its workspace: Slack can't tell who saw a message. A direct one, and one to a command
    that wasn't shared, is for who asked.

    Raises:
        UnknownIdError: there is no such question.
    """
    stands_nowhere = sa.and_(question.c.channel_kind.in_(["public", "private"]), question.c.thread_ts.is_(None))
    for_asker_alone = sa.or_(question.c.channel_kind == "direct", stands_nowhere)
    wanted = sa.select(question.c.workspace, question.c.person, for_asker_alone.label("for_asker_alone"))
    asked = connection.execute(wanted.where(question.c.id == question_id)).one_or_none()
    if asked is None:
        raise UnknownIdError("There is no question by that id.")
    return person == asked.person or (not asked.for_asker_alone and person.startswith(f"{asked.workspace}:"))


def may_be_shown(engine: sa.Engine, question_id: int, audience_ids: Sequence[int]) -> bool:
    """Whether whoever may see these audiences' documents may see this answer; see `visible_to`."""
    wanted = sa.select(sa.exists().where(question.c.id == question_id, visible_to(audience_ids)))
    with engine.connect() as connection:
        return bool(connection.scalar(wanted))


def visible_to(audience_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """A condition on `question`: its answer was made for no other audiences, and its sources are theirs still."""
    return sa.and_(question.c.audience_ids.contained_by(list(audience_ids)), sources_visible_to(audience_ids))


def sources_visible_to(audience_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """A condition on `question`: each passage that its answer was made from is theirs still, word for word.

    One that is gone can't be told from one that was withdrawn, nor can the words that an edit took out.
    """
    theirs = (
        sa.exists()
        .where(chunk.c.id == impression.c.chunk_id, document.c.id == chunk.c.document_id)
        .where(document.c.deleted_at.is_(None), document.c.audience_id.in_(audience_ids))
        .correlate(impression)
    )
    shown = sa.and_(impression.c.question_id == question.c.id, impression.c.shown)
    withdrawn = sa.exists().where(shown, sa.or_(~theirs, impression.c.nearness < 1)).correlate(question)
    return ~withdrawn


def title_for(audience_ids: Sequence[int]) -> sa.ColumnElement[str]:
    """A title as these audiences may read it, where `document` is joined from outside and may be missing."""
    return sa.case(
        (document.c.id.is_(None), GONE_TITLE),
        (document.c.audience_id.in_(audience_ids), document.c.title),
        else_=RESTRICTED_TITLE,
    )
