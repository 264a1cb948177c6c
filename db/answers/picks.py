"""In a trial, whose pick each source was that people voted on."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from db.question import Team
from db.schema import citation, impression, question, trial_question, vote, vote_event


class Pick(NamedTuple):
    """A source that one team picked, by the passage that led; `text` is the question as it was searched for."""

    question_id: int
    text: str
    chunk_id: int
    team: Team


def read_picks(engine: sa.Engine, trial_id: int) -> list[Pick]:
    """Of the questions of a trial that somebody voted on: sources to somebody's credit, in the order of the questions.

    Those whose passage is gone are left out: nobody can tell any more what a vote on it was about.
    """
    text = sa.func.coalesce(question.c.rewritten_text, question.c.raw_text)
    query = (
        sa.select(question.c.id, text, impression.c.chunk_id, impression.c.team)
        .join_from(trial_question, question, question.c.id == trial_question.c.question_id)
        .join(citation, citation.c.question_id == question.c.id)
        .join(impression, impression.c.id == citation.c.impression_id)
        .where(trial_question.c.trial_id == trial_id, question.c.id.in_(_voted(trial_id)))
        .where(impression.c.team.is_not(None), impression.c.chunk_id.is_not(None))
        .order_by(question.c.id, citation.c.number)
    )
    with engine.connect() as connection:
        return [Pick(*row) for row in connection.execute(query)]


class Drawing(NamedTuple):
    """How many questions a trial had, on how many of them the two differed, and of how many of the sources shown."""

    questions: int
    competitive: int
    voted: int
    slots: int
    contested: int


def count_drawn(engine: sa.Engine, trial_id: int) -> Drawing:
    """What a trial's draws came to by now; `voted` are those competitive ones with a vote on what decides."""
    own = trial_question.c
    query = sa.select(
        sa.func.count(),
        sa.func.count().filter(own.contested > 0),
        sa.func.count().filter(own.question_id.in_(_voted(trial_id))),
        sa.func.coalesce(sa.func.sum(own.slots), 0),
        sa.func.coalesce(sa.func.sum(own.contested), 0),
    ).where(own.trial_id == trial_id)
    with engine.connect() as connection:
        return Drawing(*connection.execute(query).one())


def count_voted(engine: sa.Engine, trial_id: int, by: datetime) -> int:
    """Of the questions that `count_drawn` says are `voted`, those on which somebody's vote had come in by a moment."""
    came = sa.select(vote_event.c.question_id).where(vote_event.c.received_at <= by)
    voted = _voted(trial_id).distinct().where(vote.c.question_id.in_(came)).subquery()
    with engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(voted)) or 0)


def _voted(trial_id: int) -> sa.Select[tuple[int]]:
    """Its questions with a vote on a source to somebody's credit."""
    return (
        sa.select(trial_question.c.question_id)
        .join_from(trial_question, vote, vote.c.question_id == trial_question.c.question_id)
        .join(citation, citation.c.id == vote.c.citation_id)
        .join(impression, impression.c.id == citation.c.impression_id)
        .where(trial_question.c.trial_id == trial_id, impression.c.team.is_not(None), vote.c.origin == "source")
    )
