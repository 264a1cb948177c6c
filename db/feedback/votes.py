"""Votes: appended to a log, folded into one live vote per person and source, in one transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db import schema
from db.corpus import was_shown_to
from db.errors import BadInputError, UnknownIdError, VoteRefusedError
from db.feedback.fold import LiveVote, VoteEvent, fold_buttons, fold_votes

REASONS = ("wrong_source", "outdated", "badly_written", "not_allowed", "other")
"""Why a source was voted down; only the first of them (or none given) says that the search was wrong."""


def record_vote(engine: sa.Engine, event: VoteEvent) -> dict[str, LiveVote]:
    """Appends the event, unless it is there already, and brings the person's live votes on that question up to date.

    Whatever the order in which a person's events arrive, and however many processes take them in at once, what
    stands afterwards is `fold_votes` of all of them.

    Returns:
        The person's live votes on that question, by citation id.

    Raises:
        UnknownIdError: no such question, or no such source in its answer.
        VoteRefusedError: the person was not in the reply's audience; nothing is stored.
        DatabaseUnavailableError: nothing is stored.
    """
    with engine.begin() as connection:
        _cited(connection, event)
        if not event.person.startswith(f"{event.workspace}:") or not was_shown_to(
            connection, event.question_id, event.person
        ):
            raise VoteRefusedError
        return append_event(connection, event)[1]


def append_event(connection: sa.Connection, event: VoteEvent) -> tuple[bool, dict[str, LiveVote]]:
    """Appends it and folds anew, whoever may vote; whether it wasn't there already, and what stands now.

    Raises:
        UnknownIdError: no such source in that answer.
    """
    cited = _cited(connection, event)
    _lock(connection, event.question_id, event.person)
    appended = insert(schema.vote_event).values(_columns(event)).on_conflict_do_nothing()
    is_new = connection.scalar(appended.returning(schema.vote_event.c.id)) is not None
    live = fold_votes(_events(connection, event.question_id, event.person), cited)
    _rewrite(connection, event.question_id, event.person, live)
    return is_new, live


def live_votes(engine: sa.Engine, question_id: int, person: str) -> dict[str, int]:
    """What one person's votes on one answer are now: +1 or -1 by citation id; sources without a vote are left out."""
    vote = schema.vote
    wanted = sa.select(vote.c.citation_id, vote.c.value).where(
        vote.c.question_id == question_id, vote.c.person == person
    )
    with engine.connect() as connection:
        return {citation_id: value for citation_id, value in connection.execute(wanted)}


def count_votes(engine: sa.Engine) -> int:
    """How many live votes there are."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(schema.vote)) or 0


def count_votes_since(engine: sa.Engine, vote_event_id: int) -> int:
    """How many live votes came or changed by events after that one; a button pressed again and again counts once."""
    event, vote = schema.vote_event.c, schema.vote.c
    on_source = event.citation_id.is_(None) | (event.citation_id == vote.citation_id)
    told = sa.and_(event.person == vote.person, event.question_id == vote.question_id, on_source)
    live = sa.select(vote.person, vote.citation_id).join_from(schema.vote_event, schema.vote, told)
    new = live.where(event.id > vote_event_id).distinct().subquery()
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(new)) or 0


def pressed_buttons(engine: sa.Engine, question_id: int, person: str) -> dict[str | None, int]:
    """Which vote buttons of one answer a person has pressed: +1 or -1 by citation id, None for the whole answer's."""
    with engine.connect() as connection:
        return fold_buttons(_events(connection, question_id, person))


def set_reason(engine: sa.Engine, person: str, citation_id: str, reason: str) -> None:
    """Keeps why a person voted a source down; another reason replaces it, and taking the vote back drops it.

    Raises:
        BadInputError: not one of `REASONS`.
        UnknownIdError: no such source.
        VoteRefusedError: the person has no down-vote on it.
    """
    if reason not in REASONS:
        raise BadInputError(f"A reason is one of: {', '.join(REASONS)}.")
    vote, given = schema.vote, schema.vote_reason
    with engine.begin() as connection:
        question_id = connection.scalar(
            sa.select(schema.citation.c.question_id).where(schema.citation.c.id == citation_id)
        )
        if question_id is None:
            raise UnknownIdError("There is no source by that id.")
        _lock(connection, question_id, person)
        value = connection.scalar(
            sa.select(vote.c.value).where(vote.c.person == person, vote.c.citation_id == citation_id)
        )
        if value != -1:
            raise VoteRefusedError("A reason belongs to a 👎, and you have none on that source.")
        row = {"person": person, "citation_id": citation_id, "reason": reason}
        connection.execute(
            insert(given)
            .values(row)
            .on_conflict_do_update(
                constraint=given.primary_key, set_={"reason": reason, "given_at": sa.func.now(), "passed_on_at": None}
            )
        )


def _cited(connection: sa.Connection, event: VoteEvent) -> list[str]:
    citation = schema.citation
    wanted = sa.select(citation.c.id).where(citation.c.question_id == event.question_id).order_by(citation.c.number)
    cited = list(connection.scalars(wanted))
    if event.citation_id is not None and event.citation_id not in cited:
        raise UnknownIdError("There is no source by that id in that answer.")
    return cited


def _lock(connection: sa.Connection, question_id: int, person: str) -> None:
    """One fold at a time per person and question: each sees all that was committed before it."""
    key = f"vote:{question_id}:{person}"
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))


def _events(connection: sa.Connection, question_id: int, person: str) -> list[VoteEvent]:
    log = schema.vote_event
    wanted = sa.select(
        log.c.dedupe_key,
        log.c.workspace,
        log.c.person,
        log.c.question_id,
        log.c.citation_id,
        log.c.action,
        log.c.value,
        log.c.occurred_ts,
    ).where(log.c.question_id == question_id, log.c.person == person)
    return [VoteEvent(**row._mapping) for row in connection.execute(wanted)]


def _columns(event: VoteEvent) -> dict[str, object]:
    return {name: getattr(event, name) for name in VoteEvent.__slots__}


def _rewrite(connection: sa.Connection, question_id: int, person: str, live: dict[str, LiveVote]) -> None:
    vote, reason = schema.vote, schema.vote_reason
    connection.execute(sa.delete(vote).where(vote.c.question_id == question_id, vote.c.person == person))
    rows = [
        {
            "person": person,
            "citation_id": citation_id,
            "question_id": question_id,
            "value": standing.value,
            "weight": standing.weight,
            "origin": standing.origin,
            "occurred_ts": standing.occurred_ts,
        }
        for citation_id, standing in live.items()
    ]
    if rows:
        connection.execute(sa.insert(vote), rows)
    of_question = sa.select(schema.citation.c.id).where(schema.citation.c.question_id == question_id)
    down = [citation_id for citation_id, standing in live.items() if standing.value == -1]
    connection.execute(
        sa.delete(reason).where(
            reason.c.person == person, reason.c.citation_id.in_(of_question), reason.c.citation_id.not_in(down)
        )
    )
