"""How long what people said is kept, and what goes when it has been kept long enough.

A vote goes by its own age, with all that the person did about that answer. A question goes by its own as well, with
its answer and all that was found; but where a vote on it still counts, or a pair is about it, it stays as what that is
about, and only its answer goes. What a generation learnt it has learnt: the next night learns from what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from db.errors import NightBusyError
from db.generations import hold_roles
from db.privacy.erasure import outdate_reports, runs_that_quote
from db.schema import (
    answer_message,
    citation,
    curated_pair,
    generation,
    impression,
    kept_snapshot,
    learnt_from,
    metadata,
    question,
    retrain_run,
    trained_question,
    vote,
    vote_event,
    vote_reason,
)

if TYPE_CHECKING:
    from db.settings import Settings

NO_LONGER_KEPT = "This answer isn't kept any more."
"""Stands where the answer of a question was that stays for its votes."""

AT_ONCE = 500
"""Questions, or people's votes on one, that go in one transaction."""

_DAY_S = 86_400

_DeleteSome = Callable[[sa.Connection, "Retention"], tuple[int, int]]
"""Deletes a batch; how much it found, 0 at the end, and how much of what is told went."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much went: whole questions, the answers of those that stay, passages not shown, votes, texts that trained."""

    questions: int = 0
    answers: int = 0
    passages: int = 0
    votes: int = 0
    trained: int = 0


@dataclass(frozen=True, slots=True)
class Retention:
    """Days for which each is kept; None: for good."""

    questions: int | None
    impressions: int | None
    votes: int | None

    @classmethod
    def of(cls, settings: Settings) -> Retention:
        """As it is set."""
        return cls(settings.keep_questions_days, settings.keep_impressions_days, settings.keep_votes_days)

    @property
    def is_bounded(self) -> bool:
        """Whether anything goes at all."""
        return any(days is not None for days in (self.questions, self.impressions, self.votes))


def table_names() -> frozenset[str]:
    """All tables in which anything is kept, but for the vectors': whoever tells what is kept has to name each."""
    return frozenset(metadata.tables)


def count_outdated(engine: sa.Engine, keep: Retention) -> Pruned:
    """What `prune` would do now, counted and left as it is.

    Raises:
        DatabaseUnavailableError: it can't be told.
    """
    counts = {
        "questions": (question.c.id, _goes(keep)),
        "answers": (question.c.id, _loses_answer(keep)),
        "passages": (impression.c.id, _was_not_shown(keep)),
        "votes": (vote.c.citation_id, _belongs_to(vote, _outdated_votes(keep))),
        "trained": (trained_question.c.id, _taught_nobody_left(keep, trained_question)),
    }
    with engine.execution_options(isolation_level="REPEATABLE READ").connect() as connection:
        found = {
            name: connection.scalar(sa.select(sa.func.count(column)).where(condition)) or 0
            for name, (column, condition) in counts.items()
        }
    return Pruned(**found)


def prune(engine: sa.Engine, keep: Retention) -> Pruned:
    """Deletes what has been kept long enough, batch by batch; done again, it finds nothing.

    Reports that quote a question which goes are marked to be made anew, without it.

    Raises:
        NightBusyError: a night is at work, which must note what it learns from before that may go.
        DatabaseUnavailableError: what was deleted by then stays deleted.
    """
    return Pruned(
        votes=_until_none_is_left(engine, _delete_votes, keep),
        questions=_until_none_is_left(engine, _delete_questions, keep),
        answers=_until_none_is_left(engine, _forget_answers, keep),
        passages=_until_none_is_left(engine, _delete_passages, keep),
        trained=_until_none_is_left(engine, _delete_trained, keep),
    )


def _until_none_is_left(engine: sa.Engine, delete_some: _DeleteSome, keep: Retention) -> int:
    total = 0
    while True:
        with engine.begin() as connection:
            hold_roles(connection)  # an erasure changes the same rows
            connection.execute(sa.text("LOCK TABLE retrain_run IN SHARE ROW EXCLUSIVE MODE"))  # no night begins now
            if connection.scalar(sa.select(sa.exists().where(retrain_run.c.status == "running"))):
                raise NightBusyError("A night is at work: what is to go does so after it.")
            looked_at, deleted = delete_some(connection, keep)
            if deleted:
                # taken up again, a night that was stopped reads anew what there is to learn from
                connection.execute(sa.delete(kept_snapshot))
        total += deleted
        if not looked_at:
            return total


def _delete_votes(connection: sa.Connection, keep: Retention) -> tuple[int, int]:
    outdated = _outdated_votes(keep)
    wanted = sa.select(outdated.c.question_id, outdated.c.person)
    found = [(row.question_id, row.person) for row in connection.execute(wanted.limit(AT_ONCE))]
    for question_id, person in sorted(found):  # who votes at this moment holds the same: see `record_vote`
        key = f"vote:{question_id}:{person}"
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))
    still = wanted.where(sa.tuple_(outdated.c.question_id, outdated.c.person).in_(found))
    both = [(row.question_id, row.person) for row in connection.execute(still)]
    of_reason = sa.tuple_(citation.c.question_id, vote_reason.c.person)
    connection.execute(sa.delete(vote_reason).where(vote_reason.c.citation_id == citation.c.id, of_reason.in_(both)))
    gone = connection.execute(sa.delete(vote).where(sa.tuple_(vote.c.question_id, vote.c.person).in_(both)))
    connection.execute(sa.delete(vote_event).where(sa.tuple_(vote_event.c.question_id, vote_event.c.person).in_(both)))
    return len(found), gone.rowcount


def _delete_questions(connection: sa.Connection, keep: Retention) -> tuple[int, int]:
    found = list(connection.scalars(sa.select(question.c.id).where(_goes(keep)).limit(AT_ONCE).with_for_update()))
    # who voted on one of them at this moment was waited for
    ids = list(connection.scalars(sa.select(question.c.id).where(question.c.id.in_(found), _goes(keep))))
    outdate_reports(connection, runs_that_quote(connection, ids, ()))
    connection.execute(sa.delete(question).where(question.c.id.in_(ids)))
    return len(found), len(ids)


def _forget_answers(connection: sa.Connection, keep: Retention) -> tuple[int, int]:
    ids = list(connection.scalars(sa.select(question.c.id).where(_loses_answer(keep)).limit(AT_ONCE)))
    connection.execute(sa.delete(answer_message).where(answer_message.c.question_id.in_(ids)))
    connection.execute(sa.update(question).where(question.c.id.in_(ids)).values(answer=NO_LONGER_KEPT))
    return len(ids), len(ids)


def _delete_passages(connection: sa.Connection, keep: Retention) -> tuple[int, int]:
    some = sa.select(impression.c.id).where(_was_not_shown(keep)).limit(AT_ONCE * 50)
    count = connection.execute(sa.delete(impression).where(impression.c.id.in_(some))).rowcount
    return count, count


def _delete_trained(connection: sa.Connection, keep: Retention) -> tuple[int, int]:
    count = connection.execute(sa.delete(trained_question).where(_taught_nobody_left(keep, trained_question))).rowcount
    connection.execute(sa.delete(learnt_from).where(_taught_nobody_left(keep, learnt_from)))
    return 0, count


def _since(days: int) -> sa.ColumnElement[Any]:
    return sa.func.now() - sa.func.make_interval(0, 0, 0, days)


def _outdated_votes(keep: Retention) -> sa.Subquery:
    """A person's votes on one answer, which all go when the newest of what made them is too old."""
    own = sa.select(vote_event.c.question_id, vote_event.c.person).group_by(
        vote_event.c.question_id, vote_event.c.person
    )
    if keep.votes is None:
        return own.where(sa.false()).subquery("outdated")
    newest_s = sa.func.max(vote_event.c.occurred_ts)
    return own.having(newest_s < sa.func.extract("epoch", sa.func.now()) - keep.votes * _DAY_S).subquery("outdated")


def _belongs_to(table: sa.Table, both: sa.Subquery) -> sa.ColumnElement[bool]:
    return sa.exists().where(both.c.question_id == table.c.question_id, both.c.person == table.c.person)


def _teaches(keep: Retention) -> sa.ColumnElement[bool]:
    """Whether a vote on the question counts that isn't to go itself, or a pair is about it."""
    voted = sa.exists().where(vote.c.question_id == question.c.id, ~_belongs_to(vote, _outdated_votes(keep)))
    return voted | sa.exists().where(curated_pair.c.question_id == question.c.id)


def _is_old(days: int | None) -> sa.ColumnElement[bool]:
    return sa.false() if days is None else question.c.asked_at < _since(days)


def _goes(keep: Retention) -> sa.ColumnElement[bool]:
    return sa.and_(_is_old(keep.questions), ~_teaches(keep))


def _loses_answer(keep: Retention) -> sa.ColumnElement[bool]:
    return sa.and_(_is_old(keep.questions), _teaches(keep), question.c.answer != NO_LONGER_KEPT)


def _was_not_shown(keep: Retention) -> sa.ColumnElement[bool]:
    """Of questions that stay; one on which a vote counts keeps what its sources were preferred to."""
    old = sa.select(question.c.id).where(_is_old(keep.impressions), ~_goes(keep), ~_teaches(keep))
    return sa.and_(sa.not_(impression.c.shown), impression.c.question_id.in_(old))


def _taught_nobody_left(keep: Retention, table: sa.Table) -> sa.ColumnElement[bool]:
    """Rows on a question that is gone, or goes, and of which no generation that still has its encoder had learnt.

    Until then what is like it must not judge, and an erasure must find whom it taught.
    """
    if keep.questions is None:
        return sa.false()
    kept, other, lesson = generation.alias("kept"), generation.alias("other"), learnt_from.alias("lesson")
    learning = (
        sa.select(other.c.run_id)
        .join(kept, kept.c.artefact_id == other.c.artefact_id)
        .where(kept.c.status != "pruned", other.c.run_id.is_not(None))
    )
    taught = sa.exists().where(lesson.c.question_id == table.c.question_id, lesson.c.run_id.in_(learning))
    stays = sa.exists().where(question.c.id == table.c.question_id, ~_goes(keep))
    return sa.and_(table.c.question_id.is_not(None), ~stays, ~taught)
