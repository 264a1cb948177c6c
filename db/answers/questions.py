"""Questions and their answers, read back by id or event."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import sqlalchemy as sa

from db import schema
from db.answers.stale_sources import read_stale
from db.corpus import GONE_TITLE
from db.errors import UnknownIdError
from db.question import LLM_STEP, Answer, Asked, NearDocument, Passage, Source
from db.search import why_found

FALLBACK_NOTE = "The language model gave no answer that I could use, so these are quotes."

_NEAREST = 3
"""Documents that a refused question is told of."""


def load_answer(engine: sa.Engine, question_id: int, *, old_after_days: int = 0) -> Answer:
    """Reads an answer back as it was given, with its sources as their documents are now.

    A source whose leading passage is gone keeps its number and its votes, without title, link and text; other passages
    that are gone are left out. Documents are told as old from `old_after_days` on; 0 for never.

    Raises:
        UnknownIdError: there is no such question.
    """
    with engine.connect() as connection:
        return read_answer(connection, question_id, old_after_days)


def load_asked(engine: sa.Engine, question_id: int) -> Asked:
    """Reads back who asked what, and where.

    Raises:
        UnknownIdError: there is no such question.
    """
    asked = schema.question.c
    wanted = sa.select(
        asked.raw_text,
        asked.workspace,
        asked.channel,
        asked.channel_kind,
        asked.person,
        asked.thread_ts,
        asked.event_id,
    ).where(asked.id == question_id)
    with engine.connect() as connection:
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise UnknownIdError("There is no question by that id.")
    return Asked(*row)


def answer_to_event(engine: sa.Engine, event_id: str, *, old_after_days: int = 0) -> Answer | None:
    """The answer that was given to an event, as `load_answer` reads it; None where it has none yet."""
    wanted = sa.select(schema.question.c.id).where(schema.question.c.event_id == event_id)
    with engine.connect() as connection:
        question_id = connection.scalar(wanted)
        return None if question_id is None else read_answer(connection, question_id, old_after_days)


def read_answer(connection: sa.Connection, question_id: int, old_after_days: int) -> Answer:
    """As `load_answer`, in a transaction of the caller's."""
    question = schema.question
    row = connection.execute(sa.select(question).where(question.c.id == question_id)).one_or_none()
    if row is None:
        raise UnknownIdError("There is no question by that id.")
    fallback = row.answer_kind == "quoted" and LLM_STEP in row.timings_ms
    return Answer(
        question_id=question_id,
        kind=row.answer_kind,
        text=row.answer,
        sources=_load_sources(connection, question_id, row.audience_ids, old_after_days),
        generation_id=row.generation_id,
        timings_ms=row.timings_ms,
        note=FALLBACK_NOTE if fallback else None,
        refused_because=row.refused_because,
        nearest=_load_nearest(connection, question_id) if row.refused_because else (),
    )


def _load_nearest(connection: sa.Connection, question_id: int) -> tuple[NearDocument, ...]:
    """The documents that came first, as they are now, and only those that the reply's readers may still see."""
    question, impression, chunk, document = schema.question, schema.impression, schema.chunk, schema.document
    uri = sa.func.coalesce(document.c.front_matter["url"].astext, document.c.source_uri)
    wanted = (
        sa.select(document.c.title, uri)
        .select_from(impression)
        .join(question, question.c.id == impression.c.question_id)
        .join(chunk, chunk.c.id == impression.c.chunk_id)
        .join(document, document.c.id == chunk.c.document_id)
        .where(question.c.id == question_id, document.c.audience_id == sa.any_(question.c.audience_ids))
        .group_by(document.c.id)
        .order_by(sa.func.min(impression.c.rank))
        .limit(_NEAREST)
    )
    return tuple(NearDocument(*row) for row in connection.execute(wanted))


def _opening_at(
    url: sa.ColumnElement[str], uri: sa.ColumnElement[str], place: sa.ColumnElement[str]
) -> sa.ColumnElement[str]:
    """A document's address, opening at a passage's place; one that opens at a place already stays as it is."""
    address = sa.func.coalesce(url, uri, "")
    return sa.case((sa.func.strpos(address, "#") > 0, address), else_=address + sa.func.coalesce(place, ""))


def _load_sources(
    connection: sa.Connection, question_id: int, audience_ids: Sequence[int], old_after_days: int
) -> tuple[Source, ...]:
    citation, impression, chunk, document = schema.citation, schema.impression, schema.chunk, schema.document
    leads = impression.c.id == citation.c.impression_id
    wanted = (
        sa.select(
            citation.c.id,
            citation.c.number,
            document.c.id.label("document_id"),
            sa.func.coalesce(document.c.title, GONE_TITLE).label("title"),
            _opening_at(document.c.front_matter["url"].astext, document.c.source_uri, chunk.c.place).label("uri"),
            sa.func.coalesce(chunk.c.section, "").label("section"),
            sa.func.coalesce(chunk.c.text, "").label("text"),
            impression.c.similarity,
            impression.c.coverage,
            impression.c.pairs,
            impression.c.in_title,
            impression.c.score,
        )
        .join_from(
            citation,
            impression,
            (impression.c.question_id == citation.c.question_id) & (impression.c.source_number == citation.c.number),
        )
        .outerjoin(chunk, chunk.c.id == impression.c.chunk_id)
        .outerjoin(document, document.c.id == chunk.c.document_id)
        .where(citation.c.question_id == question_id, leads | chunk.c.id.is_not(None))
        .order_by(citation.c.number, leads.desc(), impression.c.rank)
    )
    of_source = [list(rows) for _, rows in groupby(connection.execute(wanted), key=lambda row: row.number)]
    documents = [lead.document_id for lead, *_ in of_source if lead.document_id is not None]
    stale = read_stale(connection, documents, audience_ids, old_after_days)
    sources = []
    for lead, *others in of_source:
        passages = tuple(Passage(row.section, row.text, row.similarity, row.score) for row in (lead, *others))
        why = why_found(lead.similarity, lead.coverage, lead.pairs, lead.in_title)
        sources.append(
            Source(lead.id, lead.number, lead.title, lead.uri, passages, why, stale.get(lead.document_id, ""))
        )
    return tuple(sources)
