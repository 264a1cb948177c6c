"""Everything a person said, voted or decided, as one document to hand over to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from db.corpus import asked_in_public, personal_audiences, sources_visible_to, title_for
from db.privacy.erasure import NAMED_IN, SAID_IN, taken_from
from db.schema import (
    chunk,
    citation,
    curated_pair,
    curated_pair_chunk,
    document,
    impression,
    question,
    slack_event,
    vote_event,
)


def export_person(engine: sa.Engine, person: str) -> dict[str, Any]:
    """One JSON document of everything, by table, as of one moment; `citation` tells what the votes are about.

    What was made of documents that the person may not see by now, an answer or a passage, is None, and their titles
    are left out: who left a group takes nothing of it along. `brought_in` are questions of others with words of theirs.

    Raises:
        AudienceUnknownError: what they may see can't be determined.
    """
    audience_ids = personal_audiences(engine, person)
    cited = (
        sa.select(citation.c.id, citation.c.question_id, citation.c.number)
        .add_columns(title_for(audience_ids).label("title"))
        .join(impression, impression.c.id == citation.c.impression_id)
        .join(question, question.c.id == citation.c.question_id)
        .outerjoin(chunk, chunk.c.id == impression.c.chunk_id)
        .outerjoin(document, document.c.id == chunk.c.document_id)
        .where(
            (question.c.person == person)
            | citation.c.id.in_(sa.select(vote_event.c.citation_id).where(vote_event.c.person == person))
        )
        .order_by(citation.c.question_id, citation.c.number)
    )
    found: dict[str, Any] = {"person": person}
    with engine.execution_options(isolation_level="REPEATABLE READ").connect() as connection:
        for column in SAID_IN:
            rows = sa.select(sa.func.to_jsonb(column.table.table_valued())).where(column == person)
            found[column.table.name] = list(connection.scalars(rows.order_by(*column.table.primary_key)))
        _withhold(found["question"], "answer", connection.scalars(_with_others_sources(person, audience_ids)).all())
        _withhold(found["curated_pair"], "completion", connection.scalars(_of_others_documents(audience_ids)).all())
        found["brought_in"] = [dict(row) for row in connection.execute(_brought_in(person)).mappings()]
        found["citation"] = [dict(row) for row in connection.execute(cited).mappings()]
        for column in NAMED_IN:
            keys = sa.select(*column.table.primary_key, column).where(column == person)
            found.setdefault(column.table.name, []).extend(dict(row) for row in connection.execute(keys).mappings())
        found["slack_event"] = list(connection.scalars(sa.select(slack_event.c.payload).where(taken_from(person))))
    return found


def _brought_in(person: str) -> sa.Select[Any]:
    """Others' questions with words of the person's; not the text of what was forwarded beside others' own words."""
    may_read = (question.c.channel_kind != "direct") | asked_in_public()
    return (
        sa.select(question.c.id, question.c.asked_at, sa.case((may_read, question.c.raw_text)).label("raw_text"))
        .where(question.c.authors.contains([person]), question.c.person != person)
        .order_by(question.c.id)
    )


def _with_others_sources(person: str, audience_ids: Sequence[int]) -> sa.Select[int]:
    return sa.select(question.c.id).where(question.c.person == person, ~sources_visible_to(audience_ids))


def _of_others_documents(audience_ids: Sequence[int]) -> sa.Select[int]:
    """Pairs whose passage is of a document for others, or was of one that can't be told any more."""
    held = (
        sa.select(curated_pair_chunk.c.pair_id, document.c.audience_id)
        .join(chunk, chunk.c.id == curated_pair_chunk.c.chunk_id)
        .join(document, document.c.id == chunk.c.document_id)
        .subquery()
    )
    theirs = sa.select(held.c.pair_id).where(held.c.audience_id.in_(audience_ids))
    written_by_hand = curated_pair.c.question_id.is_(None) & curated_pair.c.id.not_in(sa.select(held.c.pair_id))
    return sa.select(curated_pair.c.id).where(curated_pair.c.id.not_in(theirs), ~written_by_hand)


def _withhold(rows: Sequence[dict[str, Any]], column: str, ids: Collection[int]) -> None:
    for row in rows:
        if row["id"] in ids:
            row[column] = None
