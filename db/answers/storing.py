"""A question is stored with all that was found and shown for it, in one piece."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db import schema
from db.answers.questions import read_answer
from db.corpus import find_same_text, hash_passage
from db.errors import UnknownIdError
from db.question import Answer, Asked, Draft, Drawn

_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_ID_LENGTH = 10


def store_answer(engine: sa.Engine, asked: Asked, draft: Draft, *, old_after_days: int = 0) -> Answer:
    """Stores question, impressions, citations and answer, all or nothing.

    Where the same event was answered already, nothing is stored and that first answer is returned; it is read
    back as by `load_answer`.

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
            if draft.drawn is not None:
                _store_drawn(connection, question_id, draft.drawn)
        else:
            question_id = _question_of_event(connection, asked.event_id)
        return read_answer(connection, question_id, old_after_days)


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
    drawn = draft.drawn or Drawn(0, 0, 0, {}, {}, {})
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
            "team": drawn.teams.get(hit.chunk_id),
            "incumbent_rank": drawn.incumbent_ranks.get(hit.chunk_id),
            "candidate_rank": drawn.candidate_ranks.get(hit.chunk_id),
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


def _store_drawn(connection: sa.Connection, question_id: int, drawn: Drawn) -> None:
    row = {
        "question_id": question_id,
        "trial_id": drawn.trial_id,
        "slots": drawn.slots,
        "contested": drawn.contested,
    }
    connection.execute(sa.insert(schema.trial_question).values(row))


def _new_citation_id() -> str:
    """50 random bits: it travels in Slack's buttons, where nobody should guess another's."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))


def _question_of_event(connection: sa.Connection, event_id: str | None) -> int:
    question = schema.question
    row = connection.execute(sa.select(question.c.id).where(question.c.event_id == event_id)).one_or_none()
    if row is None:
        raise UnknownIdError("That question was erased while it was being answered.")
    return int(row.id)
