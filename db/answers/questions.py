"""Questions with all that was found and shown for them: stored in one piece, read back by id, event or message."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db import schema
from db.corpus import GONE_TITLE, find_same_text, hash_passage
from db.errors import UnknownIdError
from db.question import LLM_STEP, Answer, Asked, Draft, NearDocument, Passage, Source
from db.search import why_found

FALLBACK_NOTE = "The language model gave no answer that I could use, so these are quotes."

_NEAREST = 3
"""Documents that a refused question is told of."""

_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_ID_LENGTH = 10


def store_answer(engine: sa.Engine, asked: Asked, draft: Draft) -> Answer:
    """Stores question, impressions, citations and answer, all or nothing.

    Where the same event was answered already, nothing is stored and that first answer is returned.

    Raises:
        DatabaseUnavailableError: nothing is stored.
    """
    with engine.begin() as connection:
        question_id = connection.scalar(
            insert(schema.question)
            .values(_question_row(asked, draft))
            .on_conflict_do_nothing(index_elements=[schema.question.c.event_id])
            .returning(schema.question.c.id)
        )
        if question_id is not None:
            impression_ids = _store_impressions(connection, question_id, draft)
            _store_citations(connection, question_id, [impression_ids[lead] for lead, *_ in draft.shown])
        else:
            question_id = _question_of_event(connection, asked.event_id)
        return _load(connection, question_id)


def load_answer(engine: sa.Engine, question_id: int) -> Answer:
    """Reads an answer back as it was given, with its sources as their documents are now.

    A source whose leading passage is gone keeps its number and its votes, without title, link and text; other passages
    that are gone are left out.

    Raises:
        UnknownIdError: there is no such question.
    """
    with engine.connect() as connection:
        return _load(connection, question_id)


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


def answer_to_event(engine: sa.Engine, event_id: str) -> Answer | None:
    """The answer that was given to an event; None where it has none yet."""
    wanted = sa.select(schema.question.c.id).where(schema.question.c.event_id == event_id)
    with engine.connect() as connection:
        question_id = connection.scalar(wanted)
        return None if question_id is None else _load(connection, question_id)


def is_posted(engine: sa.Engine, event_id: str) -> bool:
    """Whether the answer to an event was posted as a message."""
    message, question = schema.answer_message, schema.question
    posted = sa.select(message.c.question_id).join(question, question.c.id == message.c.question_id)
    with engine.connect() as connection:
        return bool(connection.scalar(sa.select(posted.where(question.c.event_id == event_id).exists())))


def remember_message(engine: sa.Engine, workspace: str, channel: str, message_ts: str, question_id: int) -> None:
    """Notes that an answer, or a part of it, was posted as this message; noting it twice is fine."""
    row = {"workspace": workspace, "channel": channel, "message_ts": message_ts, "question_id": question_id}
    with engine.begin() as connection:
        connection.execute(insert(schema.answer_message).values(row).on_conflict_do_nothing())


def question_of_message(engine: sa.Engine, workspace: str, channel: str, message_ts: str) -> int | None:
    """The question that a message answers; None for any other message."""
    message = schema.answer_message
    wanted = sa.select(message.c.question_id).where(
        message.c.workspace == workspace, message.c.channel == channel, message.c.message_ts == message_ts
    )
    with engine.connect() as connection:
        return connection.scalar(wanted)


def question_of_citation(engine: sa.Engine, citation_id: str) -> int:
    """The question whose answer shows this source.

    Raises:
        UnknownIdError: there is no such source.
    """
    citation = schema.citation
    with engine.connect() as connection:
        row = connection.execute(sa.select(citation.c.question_id).where(citation.c.id == citation_id)).one_or_none()
    if row is None:
        raise UnknownIdError("There is no source by that id.")
    return int(row.question_id)


def _question_row(asked: Asked, draft: Draft) -> dict[str, object]:
    return {
        "event_id": asked.event_id,
        "workspace": asked.workspace,
        "channel": asked.channel,
        "channel_kind": asked.channel_kind,
        "person": asked.person,
        "authors": sorted({*asked.authors} - {asked.person}),
        "thread_ts": asked.thread_ts,
        "raw_text": asked.text,
        "rewritten_text": None if draft.searched_text == asked.text else draft.searched_text,
        "audience_ids": list(draft.audience_ids),
        "generation_id": draft.generation_id,
        "answer": draft.text,
        "answer_kind": draft.kind,
        "refused_because": draft.refused_because,
        "timings_ms": dict(draft.timings_ms),
    }


def _store_impressions(connection: sa.Connection, question_id: int, draft: Draft) -> dict[int, int]:
    """Stores every candidate and returns impression ids by chunk id."""
    if not draft.hits:
        return {}
    impression = schema.impression
    alive = set(
        connection.scalars(
            sa.select(schema.chunk.c.id)
            .where(schema.chunk.c.id.in_([hit.chunk_id for hit in draft.hits]))
            .order_by(schema.chunk.c.id)  # as a change of documents locks them
            .with_for_update(read=True, key_share=True)
        )
    )
    number_of = {chunk_id: number for number, own in enumerate(draft.shown, start=1) for chunk_id in own}
    rows = [
        {
            "question_id": question_id,
            # a document may have gone, or got another title, while its answer was being written
            "chunk_id": hit.chunk_id
            if hit.chunk_id in alive
            else find_same_text(connection, hit.document_id, hit.text),
            "chunk_text_hash": hit.text_hash,
            "passage_hash": hash_passage(hit.text),
            "rank": rank,
            "similarity": hit.similarity,
            "words": hit.words,
            "coverage": hit.coverage,
            "pairs": hit.pairs,
            "in_title": hit.in_title,
            "in_opening": hit.in_opening,
            "length": hit.length,
            "score": hit.score,
            "propensity": draft.propensities.get(rank),
            "shown": hit.chunk_id in number_of,
            "source_number": number_of.get(hit.chunk_id),
        }
        for rank, hit in enumerate(draft.hits, start=1)
    ]
    stored = connection.execute(sa.insert(impression).returning(impression.c.id, impression.c.rank), rows)
    return {draft.hits[rank - 1].chunk_id: impression_id for impression_id, rank in stored}


def _store_citations(connection: sa.Connection, question_id: int, impression_ids: Sequence[int]) -> None:
    rows = [
        {"id": _new_citation_id(), "impression_id": impression_id, "question_id": question_id, "number": number}
        for number, impression_id in enumerate(impression_ids, start=1)
    ]
    if rows:
        connection.execute(sa.insert(schema.citation), rows)


def _new_citation_id() -> str:
    """50 random bits: it travels in Slack's buttons, where nobody should guess another's."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))


def _question_of_event(connection: sa.Connection, event_id: str | None) -> int:
    question = schema.question
    row = connection.execute(sa.select(question.c.id).where(question.c.event_id == event_id)).one_or_none()
    if row is None:
        raise UnknownIdError("That question was erased while it was being answered.")
    return int(row.id)


def _load(connection: sa.Connection, question_id: int) -> Answer:
    question = schema.question
    row = connection.execute(sa.select(question).where(question.c.id == question_id)).one_or_none()
    if row is None:
        raise UnknownIdError("There is no question by that id.")
    fallback = row.answer_kind == "quoted" and LLM_STEP in row.timings_ms
    return Answer(
        question_id=question_id,
        kind=row.answer_kind,
        text=row.answer,
        sources=_load_sources(connection, question_id),
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


def _load_sources(connection: sa.Connection, question_id: int) -> tuple[Source, ...]:
    citation, impression, chunk, document = schema.citation, schema.impression, schema.chunk, schema.document
    leads = impression.c.id == citation.c.impression_id
    wanted = (
        sa.select(
            citation.c.id,
            citation.c.number,
            sa.func.coalesce(document.c.title, GONE_TITLE).label("title"),
            sa.func.coalesce(document.c.front_matter["url"].astext, document.c.source_uri, "").label("uri"),
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
    sources = []
    for _, rows in groupby(connection.execute(wanted), key=lambda row: row.number):
        lead, *others = rows
        passages = tuple(Passage(row.section, row.text, row.similarity, row.score) for row in (lead, *others))
        why = why_found(lead.similarity, lead.coverage, lead.pairs, lead.in_title)
        sources.append(Source(lead.id, lead.number, lead.title, lead.uri, passages, why))
    return tuple(sources)
