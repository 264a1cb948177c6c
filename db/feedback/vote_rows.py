"""Votes as rows for other programs: question, passage, value; names and what is private only where asked for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa

from db.corpus import PUBLIC_AUDIENCE_ID, asked_in_public
from db.schema import chunk, citation, document, impression, question, vote, vote_reason

IMPORTED = "import:"
"""What the event of a question begins with that came from another store; the rest is its id there."""

_AT_ONCE = 2_000
_MENTIONED = re.compile(r"@([UW][A-Z0-9]{2,20})\b")
"""As a question's text has it that came from Slack."""

_SOMEBODY = "somebody"


class VoteRow(NamedTuple):
    """A live vote. Ids say nothing of people or places, and are the same each time; `at` is ISO 8601.

    `on` tells whether the source itself was voted on or the whole answer, `number` which of its sources it was.
    `person` and `asked_by` are names only where these were asked for.
    """

    question_id: str
    question: str
    asked_at: str
    asked_by: str | None
    number: int
    uri: str
    title: str
    section: str
    passage: str
    value: int
    on: str
    reason: str | None
    person: str
    at: str


def read_vote_rows(engine: sa.Engine, *, private: bool = False, names: bool = False) -> Iterator[VoteRow | None]:
    """All live votes whose passage is still there, by question and source; None for each that is left out as private.

    Private is what wasn't asked in a public channel, and what not everybody may read.
    """
    first = citation.alias("first")
    token = sa.select(sa.func.min(first.c.id)).where(first.c.question_id == question.c.id).scalar_subquery()
    why = (vote_reason.c.citation_id == citation.c.id) & (vote_reason.c.person == vote.c.person)
    may_go = asked_in_public() & (document.c.audience_id == PUBLIC_AUDIENCE_ID)
    wanted = (
        sa.select(question.c.event_id, question.c.asked_at, question.c.person.label("asked_by"), token.label("token"))
        .add_columns(sa.func.coalesce(question.c.rewritten_text, question.c.raw_text).label("question"))
        .add_columns(citation.c.number, document.c.source_uri, document.c.title, chunk.c.section, chunk.c.text)
        .add_columns(vote.c.value, vote.c.origin, vote.c.person, vote.c.occurred_ts, vote_reason.c.reason)
        .add_columns(sa.true().label("may_go") if private else may_go.label("may_go"))
        .select_from(vote)
        .join(question, question.c.id == vote.c.question_id)
        .join(citation, citation.c.id == vote.c.citation_id)
        .join(impression, impression.c.id == citation.c.impression_id)
        .join(chunk, chunk.c.id == impression.c.chunk_id)
        .join(document, document.c.id == chunk.c.document_id)
        .outerjoin(vote_reason, why)
        .order_by(question.c.id, citation.c.number, vote.c.occurred_ts, vote.c.person)
    )
    with engine.connect() as connection:
        tokens = {} if names else _first_tokens(connection)
        for row in connection.execution_options(yield_per=_AT_ONCE).execute(wanted):
            yield _told(row, tokens, names=names) if row.may_go else None


def without_mentions(engine: sa.Engine) -> Callable[[str], str]:
    """Writes a text without the ids of those who are mentioned in it; who voted has the made-up one of the rows."""
    with engine.connect() as connection:
        tokens = _first_tokens(connection)
    made_up = {person.rpartition(":")[2]: _digest(person, token) for person, token in tokens.items()}
    return lambda text: _MENTIONED.sub(lambda found: f"@{made_up.get(found[1], _SOMEBODY)}", text)


def question_key(event_id: str | None, token: str) -> str:
    """A question's id for others: of a citation's, which nobody can guess; of one that was imported what it had."""
    if event_id is not None and event_id.startswith(IMPORTED):
        return event_id.removeprefix(IMPORTED)
    return _digest("question", token)


def _told(row: sa.Row[tuple[object, ...]], tokens: dict[str, str], *, names: bool) -> VoteRow:
    at = datetime.fromtimestamp(float(row.occurred_ts), UTC)
    known = row.person.startswith(IMPORTED)
    return VoteRow(
        question_id=question_key(row.event_id, row.token),
        question=row.question,
        asked_at=row.asked_at.astimezone(UTC).isoformat(),
        asked_by=row.asked_by if names else None,
        number=row.number,
        uri=row.source_uri,
        title=row.title,
        section=row.section,
        passage=row.text,
        value=row.value,
        on=row.origin,
        reason=row.reason,
        person=row.person.removeprefix(IMPORTED) if known or names else _digest(row.person, tokens[row.person]),
        at=at.isoformat(),
    )


def _first_tokens(connection: sa.Connection) -> dict[str, str]:
    """Of each person a citation that they voted on: random, so that a name can't be found by trying names out."""
    newest_last = sa.select(vote.c.person, vote.c.citation_id).order_by(vote.c.occurred_ts.desc(), vote.c.citation_id)
    return {person: token for person, token in connection.execute(newest_last)}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
