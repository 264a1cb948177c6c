"""What a person asked and voted on, newest first, as their App Home lists it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from db.answers.stale_sources import read_stale
from db.corpus import asked_in_public, personal_audiences, title_for
from db.schema import chunk, citation, document, impression, question, vote
from db.search import why_found


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A source that was shown; `value` is the person's own vote on it, 0 for none.

    Its document may be gone, or not be theirs to see any more; else `why` says what it was ranked by, and `stale` why
    it may be outdated, if anything says so.
    """

    citation_id: str
    number: int
    title: str
    value: int
    document_id: int | None
    audience_id: int | None
    why: str = ""
    stale: str = ""


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """A question that the person asked or voted on; `text` is None where it is not theirs to see."""

    id: int
    text: str | None
    channel: str
    channel_kind: str
    is_own: bool
    asked_at: datetime
    generation_id: int
    sources: tuple[ShownSource, ...]


def past_questions(
    engine: sa.Engine, person: str, limit: int, offset: int = 0, *, old_after_days: int = 0
) -> list[PastQuestion]:
    """Those `limit` questions after the `offset` newest, with titles only of documents that the person may see now.

    Raises:
        AudienceUnknownError: what they may see can't be determined.
        DatabaseUnavailableError: they can't be read.
    """
    is_own = question.c.person == person
    voted = sa.select(vote.c.question_id).where(vote.c.person == person)
    wanted = (
        sa.select(
            question.c.id,
            sa.case((is_own | asked_in_public(), question.c.raw_text)).label("text"),
            question.c.channel,
            question.c.channel_kind,
            is_own.label("is_own"),
            question.c.asked_at,
            question.c.generation_id,
        )
        .where(is_own | question.c.id.in_(voted))
        .order_by(question.c.asked_at.desc(), question.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    audience_ids = personal_audiences(engine, person)
    with engine.connect() as connection:
        rows = connection.execute(wanted).all()
        sources = _sources(connection, person, audience_ids, [row.id for row in rows], old_after_days)
    return [PastQuestion(**row._mapping, sources=tuple(sources.get(row.id, ()))) for row in rows]


def _sources(
    connection: sa.Connection, person: str, audience_ids: Sequence[int], question_ids: list[int], old_after_days: int
) -> dict[int, list[ShownSource]]:
    own_vote = (vote.c.citation_id == citation.c.id) & (vote.c.person == person)
    wanted = (
        sa.select(
            citation.c.question_id,
            citation.c.id,
            citation.c.number,
            title_for(audience_ids),
            sa.func.coalesce(vote.c.value, 0),
            document.c.id.label("document_id"),
            document.c.audience_id,
            impression.c.similarity,
            impression.c.coverage,
            impression.c.pairs,
            impression.c.in_title,
        )
        .join(impression, impression.c.id == citation.c.impression_id)
        .outerjoin(chunk, chunk.c.id == impression.c.chunk_id)
        .outerjoin(document, document.c.id == chunk.c.document_id)
        .outerjoin(vote, own_vote)
        .where(citation.c.question_id.in_(question_ids))
        .order_by(citation.c.question_id, citation.c.number)
    )
    rows = connection.execute(wanted).all()
    documents = {row.document_id for row in rows} - {None}
    stale = read_stale(connection, sorted(documents), audience_ids, old_after_days)
    found: dict[int, list[ShownSource]] = {}
    for question_id, *source, similarity, coverage, pairs, in_title in rows:
        shown = ShownSource(*source)
        if shown.audience_id in audience_ids:
            why = why_found(similarity, coverage, pairs, in_title)
            shown = replace(shown, why=why, stale=stale.get(shown.document_id or 0, ""))
        found.setdefault(question_id, []).append(shown)
    return found
