"""Everything a person said, voted or decided: where it is, and how it is erased with all that was learnt of it.

A person is "<workspace>:<user>" in Slack. Theirs too is what others brought in for them: a message of theirs that
somebody chose or forwarded to have it answered. What others say about a person stays: who may read which document
(`audience_member`), and whose document it is (`document.owner`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from db.errors import UnknownIdError
from db.generations import hold_roles
from db.nights import let_go
from db.schema import (
    channel_setting,
    curated_pair,
    decision_request,
    document_review,
    generation,
    in_service,
    kept_snapshot,
    learnt_from,
    posted_report,
    question,
    retrain_run,
    slack_event,
    trained_question,
    trial,
    vote,
    vote_event,
    vote_reason,
)

ERASED = "somebody who was erased"
"""Stands where a name was."""

SAID_IN = (
    question.c.person,
    vote.c.person,
    vote_event.c.person,
    vote_reason.c.person,
    curated_pair.c.added_by,
    trained_question.c.person,
    learnt_from.c.added_by,
)
"""Rows that are the person's own, and go with them."""

NAMED_IN = (
    retrain_run.c.requested_by,
    generation.c.promoted_by,
    generation.c.turned_down_by,
    in_service.c.changed_by,
    document_review.c.reported_by,
    document_review.c.settled_by,
    decision_request.c.requested_by,
    channel_setting.c.changed_by,
    trial.c.started_by,
    trial.c.ended_by,
)
"""Rows that stay, with `ERASED` for the name."""

TOLD_IN = (retrain_run.c.reasons, retrain_run.c.evidence, generation.c.metrics)
"""Sentences that may say who rolled a generation back: they stay, with `ERASED` for the name."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much went, and which generations had learnt from it."""

    questions: int
    pairs: int
    generations: tuple[int, ...]


def is_known(engine: sa.Engine, person: str) -> bool:
    """Whether anything is kept that this person said, voted or decided."""
    columns = [*SAID_IN, *NAMED_IN]
    kept = [sa.exists().where(column == person) for column in columns]
    kept += [sa.exists().where(question.c.authors.contains([person])), sa.exists().where(taken_from(person))]
    with engine.connect() as connection:
        if connection.scalar(sa.select(sa.or_(*kept))):
            return True
        return any(_rows_that_tell(connection, column, person) for column in TOLD_IN)


def erase_person(engine: sa.Engine, person: str) -> Erased:
    """Erases all of it in one transaction; done again, it finds nothing left.

    Questions go with their answers and with everybody's votes on them. A night under way starts over without it, and
    reports that may show it are marked to be made anew.
    """
    with engine.begin() as connection:
        theirs = (question.c.person == person) | question.c.authors.contains([person])
        asked = set(connection.scalars(sa.select(question.c.id).where(theirs)))
        voted = set(connection.scalars(sa.select(vote_event.c.question_id).where(vote_event.c.person == person)))
        taught = set(connection.scalars(_taught_by(person)))
        added = set(connection.scalars(sa.select(curated_pair.c.id).where(curated_pair.c.added_by == person)))
        erased = _erase(connection, asked, added, asked | voted | taught, learnt_from.c.added_by == person)
        outdate_reports(connection, _runs_that_name(connection, person))
        for column in SAID_IN:
            connection.execute(sa.delete(column.table).where(column == person))
        for column in NAMED_IN:
            connection.execute(sa.update(column.table).where(column == person).values({column.name: ERASED}))
        for column in TOLD_IN:
            _leave_name_out(connection, column, person)
        connection.execute(sa.update(slack_event).where(taken_from(person)).values(payload=sa.null()))
    return erased


def erase_question(engine: sa.Engine, person: str, question_id: int) -> Erased:
    """Erases one question of that person's with its answer, everybody's votes on it and the pairs made of it.

    Raises:
        UnknownIdError: the person asked no such question, or it is erased already.
    """
    own = sa.select(question.c.id).where(question.c.id == question_id, question.c.person == person).with_for_update()
    with engine.begin() as connection:
        if connection.scalar(own) is None:
            raise UnknownIdError("You have no such question any more.")
        return _erase(connection, {question_id}, set(), {question_id}, sa.false())


def _erase(
    connection: sa.Connection, asked: set[int], pairs: set[int], learnt_of: set[int], of_pairs: sa.ColumnElement[bool]
) -> Erased:
    """Erases questions and pairs.

    `learnt_of` are the questions of which a night may have learnt what goes, `of_pairs` tells which rows of
    `learnt_from` are about pairs that may be gone by now.

    Follow-ups of others, which were made to stand alone with words of what goes, are theirs in their own words again.
    """
    hold_roles(connection)  # those who decide about generations change the same rows in another order
    followed = _followed_up(connection, asked)
    learnt_of = learnt_of | followed
    alone = {"rewritten_text": None, "refused_because": None}
    connection.execute(sa.update(question).where(question.c.id.in_(followed)).values(alone))
    about = sa.select(curated_pair.c.id).where(curated_pair.c.question_id.in_(asked | followed))
    pairs = pairs | set(connection.scalars(about))
    learnt = learnt_from.c.question_id.in_(learnt_of) | learnt_from.c.pair_id.in_(pairs) | of_pairs
    if learnt_of or pairs or connection.scalar(sa.select(sa.exists().where(learnt))):
        let_go(connection)  # taken up again, a night reads anew what there is to learn from
        connection.execute(sa.delete(kept_snapshot))
    generations = _mark_generations(connection, connection.scalars(sa.select(learnt_from.c.run_id).where(learnt)).all())
    outdate_reports(connection, runs_that_quote(connection, asked, pairs))
    connection.execute(sa.delete(curated_pair).where(curated_pair.c.id.in_(pairs)))
    connection.execute(sa.delete(question).where(question.c.id.in_(asked)))
    for table in (trained_question, learnt_from):
        gone = table.c.question_id.in_(asked | followed) | table.c.pair_id.in_(pairs)
        connection.execute(sa.delete(table).where(gone))
    return Erased(len(asked), len(pairs), generations)


def _mark_generations(connection: sa.Connection, run_ids: Collection[int]) -> tuple[int, ...]:
    """Marks those that these runs made, and those with the encoder of such a one."""
    other = generation.alias("other")
    made = sa.select(sa.func.min(other.c.id)).group_by(other.c.artefact_id)  # the first that has it had it made
    taught = sa.select(other.c.artefact_id).where(other.c.id.in_(made), other.c.run_id.in_(run_ids))
    learnt = generation.c.run_id.in_(run_ids) | generation.c.artefact_id.in_(taught)
    mark = sa.update(generation).where(learnt).values(learnt_from_erased=True).returning(generation.c.id)
    return tuple(sorted(connection.scalars(mark)))


def _followed_up(connection: sa.Connection, asked: set[int]) -> set[int]:
    """Later questions of the same threads that were rewritten to be searched for."""
    earlier = question.alias("earlier")
    same_thread = [earlier.c[name] == question.c[name] for name in ("workspace", "channel", "thread_ts")]
    rewritten = (
        sa.select(question.c.id)
        .join(earlier, sa.and_(*same_thread, earlier.c.id < question.c.id))
        .where(earlier.c.id.in_(asked), question.c.rewritten_text.is_not(None), question.c.id.not_in(asked))
    )
    return set(connection.scalars(rewritten))


def _taught_by(person: str) -> sa.Select[int]:
    """Their questions that trained, also those that were not kept until now."""
    known = trained_question.c.question_id.is_not(None)
    return sa.select(trained_question.c.question_id).where(trained_question.c.person == person, known)


def taken_from(person: str) -> sa.ColumnElement[bool]:
    """Messages that were taken in, and are kept until they are answered."""
    workspace, _, user = person.partition(":")
    payload = slack_event.c.payload
    own = sa.and_(payload["team"].astext == workspace, payload["user"].astext == user)
    return sa.or_(own, payload["authors"].contains([person]))


def runs_that_quote(connection: sa.Connection, questions: Collection[int], pairs: Collection[int]) -> list[int]:
    """Runs whose reports name one of these among the questions that changed most."""
    quoting = sa.text(
        "SELECT id FROM retrain_run WHERE EXISTS ("
        " SELECT FROM jsonb_path_query(evidence, '$.changed.*[*]') AS change WHERE (change->>'id')::bigint = ANY("
        " CASE change->>'kind' WHEN 'question' THEN CAST(:questions AS bigint[]) ELSE CAST(:pairs AS bigint[]) END))"
    )
    return list(connection.scalars(quoting, {"questions": list(questions), "pairs": list(pairs)}))


def _runs_that_name(connection: sa.Connection, person: str) -> list[int]:
    """Runs whose reports say who asked for the night, or for a decision on it."""
    decided = (
        sa.select(generation.c.run_id)
        .join(decision_request, decision_request.c.generation_id == generation.c.id)
        .where(decision_request.c.requested_by == person)
    )
    naming = sa.select(retrain_run.c.id).where((retrain_run.c.requested_by == person) | retrain_run.c.id.in_(decided))
    return [*connection.scalars(naming), *_rows_that_tell(connection, retrain_run.c.reasons, person)]


def _rows_that_tell(connection: sa.Connection, column: sa.Column[Any], person: str) -> dict[int, Any]:
    """Values of the column in which the name stands, by row, without it; a longer name that begins so is another."""
    name = re.compile(rf"(?<![\w:]){re.escape(person)}(?!\w)")

    def without(value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, dict):
            return {key: without(own) for key, own in value.items()}
        if isinstance(value, list):
            return [without(own) for own in value]
        return name.sub(ERASED, value) if isinstance(value, str) else value

    rows = connection.execute(sa.select(column.table.c.id, column))
    return {id_: changed for id_, value in rows if (changed := without(value)) != value}


def _leave_name_out(connection: sa.Connection, column: sa.Column[Any], person: str) -> None:
    for id_, value in _rows_that_tell(connection, column, person).items():
        connection.execute(sa.update(column.table).where(column.table.c.id == id_).values({column.name: value}))


def outdate_reports(connection: sa.Connection, run_ids: Collection[int]) -> None:
    """The night process renders the kept pages anew, the bot its messages in the admin channel."""
    connection.execute(sa.update(retrain_run).where(retrain_run.c.id.in_(run_ids)).values(report_outdated=True))
    connection.execute(sa.update(posted_report).where(posted_report.c.run_id.in_(run_ids)).values(shown=None))
