"""Golden pairs added one by one: a question, and the document that somebody says is the right one for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.corpus import asked_in_public, reply_audiences, was_shown_to
from db.errors import BadInputError, UnknownIdError, VoteRefusedError
from db.feedback.pairs import PAIRS_LOCK
from db.feedback.right_passage import find_document, nearest_passage, passage_with
from db.schema import chunk, citation, curated_pair, curated_pair_chunk, document, impression, question
from db.store import clean_text

if TYPE_CHECKING:
    from db.generations import Encoders


@dataclass(frozen=True, slots=True)
class GoldenPair:
    """A curated pair as it stands; `documents` are (id, title) of those that hold its passage, none if it is lost.

    `question_id` is the asked question that it is about, if any, and `is_private` whether that was asked where not
    everybody reads: its text is then nobody else's to see.
    """

    id: int
    prompt: str
    added_by: str
    added_at: datetime
    question_id: int | None
    is_private: bool
    documents: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class AddedPair:
    """What became of an addition; `is_new` is False where the same pair was there already."""

    pair_id: int
    title: str
    is_new: bool


def list_golden_pairs(engine: sa.Engine) -> list[GoldenPair]:
    """All curated pairs, however they came in, oldest first."""
    private = question.c.id.is_not(None) & ~asked_in_public()
    found = sa.func.array_agg(sa.distinct(document.c.id)).filter(document.c.id.is_not(None))
    query = (
        sa.select(curated_pair, private.label("is_private"), found.label("document_ids"))
        .select_from(curated_pair)
        .outerjoin(question, question.c.id == curated_pair.c.question_id)
        .outerjoin(curated_pair_chunk, curated_pair_chunk.c.pair_id == curated_pair.c.id)
        .outerjoin(chunk, chunk.c.id == curated_pair_chunk.c.chunk_id)
        .outerjoin(document, document.c.id == chunk.c.document_id)
        .group_by(curated_pair.c.id, question.c.id)
        .order_by(curated_pair.c.id)
    )
    held = sa.select(chunk.c.document_id).join(curated_pair_chunk)
    named = sa.select(document.c.id, document.c.title).where(document.c.id.in_(held))
    with engine.connect() as connection:
        rows = connection.execute(query).all()
        titles = {row.id: row.title for row in connection.execute(named)}
    return [
        GoldenPair(
            row.id,
            row.prompt,
            row.added_by,
            row.added_at,
            row.question_id,
            row.is_private,
            tuple((document_id, titles[document_id]) for document_id in row.document_ids or ()),
        )
        for row in rows
    ]


def add_golden_pair(
    engine: sa.Engine, encoders: Encoders, prompt: str, uri_or_title: str, added_by: str, text: str | None = None
) -> AddedPair:
    """Adds a question with its right document: the passage with `text` in it, else the one nearest to the question.

    Which passage of the right document it is matters little: evidence counts documents.

    Raises:
        BadInputError: no question, several documents by that title, or the document doesn't have that text.
        UnknownIdError: there is no such document.
        EmptyCorpusError: nothing was ever ingested.
    """
    prompt = clean_text(prompt).strip()
    if not any(char.isalnum() for char in prompt):
        raise BadInputError("There are no words in that question.")
    found = find_document(engine, uri_or_title)
    chunk_ids, completion = (
        nearest_passage(engine, encoders, prompt, found.id) if text is None else passage_with(engine, text, found)
    )
    return _add(engine, prompt, completion, added_by, chunk_ids, found.title)


def add_cited_source(engine: sa.Engine, question_id: int, citation_id: str, added_by: str) -> AddedPair:
    """Adds an asked question with one of its answer's sources as the right one.

    Raises:
        UnknownIdError: no such question, no such source in its answer, or the source's passage is gone.
    """
    query = (
        sa.select(question.c.id, _searched_text(), chunk.c.id.label("chunk_id"), chunk.c.text, document.c.title)
        .join_from(citation, question, question.c.id == citation.c.question_id)
        .join(impression, impression.c.id == citation.c.impression_id)
        .outerjoin(chunk, chunk.c.id == impression.c.chunk_id)
        .outerjoin(document, document.c.id == chunk.c.document_id)
        .where(citation.c.id == citation_id, question.c.id == question_id)
    )
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownIdError("There is no source by that id in that question's answer.")
    if row.chunk_id is None:
        raise UnknownIdError("That source's passage is gone: its document was changed or removed.")
    return _add(engine, row.searched_text, row.text, added_by, [row.chunk_id], row.title, question_id)


@dataclass(frozen=True, slots=True)
class RightDocument:
    """The document that a person ("<workspace>:<user>") says is the right one for a question that was asked there."""

    question_id: int
    person: str
    document_id: int
    title: str
    searched_text: str
    channel: str
    thread_ts: str | None


def find_right_document(engine: sa.Engine, question_id: int, person: str, uri_or_title: str) -> RightDocument:
    """Finds the document that a person means by an address or a title: "here's the right one".

    Only people who may have seen the answer may say so, and only of documents that could have been shown in it:
    nobody can find out by a title what else there is.

    Raises:
        VoteRefusedError: the person was not in the reply's audience.
        AudienceUnknownError: who may see the answer now can't be determined.
        UnknownIdError: no such question, or no such document that may be shown there.
        BadInputError: several documents have that title.
    """
    query = sa.select(question, _searched_text()).where(question.c.id == question_id)
    with engine.connect() as connection:
        if not was_shown_to(connection, question_id, person):
            raise VoteRefusedError("That answer was not shown to you, so what you say of it can't count.")
        asked = connection.execute(query).one()
    # as they could be shown then and may be still: who left a group finds out none of its titles
    now = reply_audiences(engine, asked.workspace, asked.channel, asked.channel_kind, asked.person)
    found = find_document(engine, uri_or_title, [each for each in asked.audience_ids if each in now])
    return RightDocument(
        question_id, person, found.id, found.title, asked.searched_text, asked.channel, asked.thread_ts
    )


def add_right_document(engine: sa.Engine, encoders: Encoders, right: RightDocument) -> AddedPair:
    """Adds the pair of the question and the document's passage that is nearest to it.

    Raises:
        BadInputError: the document has no passages.
        EmptyCorpusError: nothing was ever ingested.
    """
    chunk_ids, completion = nearest_passage(engine, encoders, right.searched_text, right.document_id)
    return _add(engine, right.searched_text, completion, right.person, chunk_ids, right.title, right.question_id)


def _searched_text() -> sa.Label[str]:
    return sa.func.coalesce(question.c.rewritten_text, question.c.raw_text).label("searched_text")


def _add(
    engine: sa.Engine,
    prompt: str,
    completion: str,
    added_by: str,
    chunk_ids: Sequence[int],
    title: str,
    question_id: int | None = None,
) -> AddedPair:
    row = {"prompt": prompt, "completion": completion, "added_by": added_by, "question_id": question_id}
    known = sa.select(curated_pair.c.id).where(curated_pair.c.prompt == prompt, curated_pair.c.completion == completion)
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PAIRS_LOCK)))
        pair_id = connection.scalar(
            insert(curated_pair).values(row).on_conflict_do_nothing().returning(curated_pair.c.id)
        )
        is_new = pair_id is not None
        pair_id = pair_id if pair_id is not None else connection.execute(known).scalar_one()
        # a passage may have gone meanwhile; the night looks for the completion again
        links = sa.select(sa.literal(pair_id), chunk.c.id).where(chunk.c.id.in_(chunk_ids)).order_by(chunk.c.id)
        connection.execute(
            insert(curated_pair_chunk)
            .from_select(["pair_id", "chunk_id"], links.with_for_update(key_share=True))
            .on_conflict_do_nothing()
        )
    return AddedPair(pair_id, title, is_new)
