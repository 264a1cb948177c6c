"""What somebody could ask: questions that several people asked in public, and documents that all may read."""

from __future__ import annotations

import sqlalchemy as sa

from db.corpus import asked_in_public
from db.schema import PUBLIC_AUDIENCE_ID, document, question

ASKED_WITHIN_DAYS = 90
MIN_PEOPLE = 2
MAX_CHARS = 150


def popular_questions(engine: sa.Engine, workspace: str, n: int) -> list[str]:
    """Answered questions that several people asked in public channels of late, those of the most people first.

    In the words of one of them. What was asked in private, or names somebody, is never among them.
    """
    asked = question.c
    same = sa.func.lower(sa.func.rtrim(asked.raw_text, " ?.!"))
    wanted = (
        sa.select(sa.func.max(asked.raw_text))
        .where(
            asked.workspace == workspace,
            asked_in_public(),
            asked.answer_kind != "unknown",
            asked.asked_at > sa.func.now() - sa.func.make_interval(0, 0, 0, ASKED_WITHIN_DAYS),
            sa.func.length(asked.raw_text) <= MAX_CHARS,
            asked.raw_text.not_like("%@%"),
        )
        .group_by(same)
        .having(sa.func.count(asked.person.distinct()) >= MIN_PEOPLE)
        .order_by(sa.func.count(asked.person.distinct()).desc(), sa.func.max(asked.id).desc())
        .limit(n)
    )
    with engine.connect() as connection:
        return list(connection.scalars(wanted))


def public_titles(engine: sa.Engine, n: int) -> list[str]:
    """Titles of the documents for everyone that changed last."""
    wanted = (
        sa.select(document.c.title)
        .where(document.c.audience_id == PUBLIC_AUDIENCE_ID, document.c.deleted_at.is_(None), document.c.title != "")
        .where(sa.func.length(document.c.title) <= MAX_CHARS)
        .order_by(document.c.changed_at.desc(), document.c.id)
        .limit(n)
    )
    with engine.connect() as connection:
        return list(connection.scalars(wanted))
