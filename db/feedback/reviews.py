"""Documents that somebody said are outdated, until their owner says whether they are; one open review a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.errors import UnknownIdError
from db.schema import chunk, citation, document, document_review, impression

Settlement = Literal["still_right", "will_fix"]

_ADDRESS = sa.func.coalesce(document.c.front_matter["url"].astext, document.c.source_uri)


@dataclass(frozen=True, slots=True)
class CitedDocument:
    """The document behind a source, under the question that it was shown for."""

    document_id: int
    title: str
    uri: str
    audience_id: int
    question_id: int


@dataclass(frozen=True, slots=True)
class Review:
    """What was said of a document, and what became of it; `owner` is as the document names them, if it does."""

    id: int
    document_id: int
    title: str
    uri: str
    audience_id: int
    owner: str | None
    state: str
    settled_by: str | None


def cited_document(engine: sa.Engine, citation_id: str) -> CitedDocument:
    """The document that a source is of.

    Raises:
        UnknownIdError: no such source, or its passage is gone.
    """
    query = (
        sa.select(document.c.id, document.c.title, _ADDRESS, document.c.audience_id, citation.c.question_id)
        .join_from(citation, impression, impression.c.id == citation.c.impression_id)
        .join(chunk, chunk.c.id == impression.c.chunk_id)
        .join(document, document.c.id == chunk.c.document_id)
        .where(citation.c.id == citation_id)
    )
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownIdError("That source's passage is gone.")
    return CitedDocument(*row)


def open_review(engine: sa.Engine, document_id: int, reported_by: str) -> Review | None:
    """Opens a review of a document; None where one is open already."""
    opened = (
        insert(document_review)
        .values(document_id=document_id, reported_by=reported_by)
        .on_conflict_do_nothing()
        .returning(document_review.c.id)
    )
    with engine.begin() as connection:
        review_id = connection.scalar(opened)
        return None if review_id is None else _load(connection, review_id)


def load_review(engine: sa.Engine, review_id: int) -> Review:
    """A review as it stands.

    Raises:
        UnknownIdError: there is none.
    """
    with engine.connect() as connection:
        return _load(connection, review_id)


def settle_review(engine: sa.Engine, review_id: int, person: str, state: Settlement) -> Review:
    """Settles a review unless somebody has; returns how it stands, by whomever.

    Raises:
        UnknownIdError: there is none.
    """
    settled = (
        sa.update(document_review)
        .where(document_review.c.id == review_id, document_review.c.state == "open")
        .values(state=state, settled_by=person, settled_at=sa.func.now())
    )
    with engine.begin() as connection:
        connection.execute(settled)
        return _load(connection, review_id)


def withdraw_review(engine: sa.Engine, review_id: int) -> None:
    """Takes back an open review that nobody could be told of, so that the next report tries again."""
    untold = sa.delete(document_review).where(document_review.c.id == review_id, document_review.c.state == "open")
    with engine.begin() as connection:
        connection.execute(untold)


def _load(connection: sa.Connection, review_id: int) -> Review:
    review = document_review.c
    query = (
        sa.select(review.id, document.c.id, document.c.title, _ADDRESS, document.c.audience_id)
        .add_columns(document.c.owner, review.state, review.settled_by)
        .join_from(document_review, document)
        .where(review.id == review_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownIdError("That review is gone, and its document too.")
    return Review(*row)
