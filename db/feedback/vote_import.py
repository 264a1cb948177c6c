"""Votes that were exported from another store: each is a vote here too, once, on the passage of the same words."""

from __future__ import annotations

import hashlib
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.corpus import PUBLIC_AUDIENCE_ID, hash_passage
from db.errors import BadInputError
from db.feedback.fold import VoteEvent
from db.feedback.vote_rows import IMPORTED, question_key
from db.feedback.votes import REASONS, append_event
from db.generations import serving
from db.schema import chunk, citation, document, impression, question, vote_reason
from db.store import clean_text

NOT_HERE = "This question was imported with its votes; its answer isn't here."
_MOST_SOURCES = 100
_MOST_NAME_CHARS = 200
"""What an index takes, and more than any id has."""
_MOST_QUESTION_CHARS = 10_000
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH_ROWS = 500
_KINDS = ("source", "answer")


@dataclass(slots=True)
class VotesReport:
    """What became of the lines, counted from 1: `malformed` is (line, why).

    `known` were here already. Those `waiting` are here, on passages that no document has until it is read in.
    """

    added: int = 0
    known: int = 0
    waiting: int = 0
    malformed: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    question_id: str
    question: str
    asked_at: datetime
    asked_by: str
    number: int
    uri: str
    passage: str
    value: Literal[-1, 1]
    on_source: bool
    reason: str | None
    person: str
    at: Decimal


def import_votes(engine: sa.Engine, lines: Iterable[tuple[int, Mapping[str, Any]]]) -> VotesReport:
    """Takes in rows as `read_vote_rows` gives them, each with its number; bad ones are named and the others go in.

    Done again it adds nothing, and neither does a store's own export. Nobody is shown these questions: they were asked
    elsewhere. People are `import:…`, but for those who are named as Slack has them.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
    """
    report, generation_id = VotesReport(), serving(engine).id
    with engine.connect() as connection:
        own = _own_questions(connection)
    rows = _readable(lines, report)
    while batch := list(islice(rows, _BATCH_ROWS)):
        theirs = [row for row in batch if row.question_id not in own]
        report.known += len(batch) - len(theirs)
        with engine.begin() as connection:
            standing = _passages(connection, theirs)
            for row in theirs:
                question_id = _question(connection, row, generation_id)
                citation_id, is_waiting = _source(connection, question_id, row, standing)
                is_new = _vote(connection, question_id, citation_id, row)
                report.added += is_new
                report.known += not is_new
                report.waiting += is_new and is_waiting
    return report


def _readable(lines: Iterable[tuple[int, Mapping[str, Any]]], report: VotesReport) -> Iterator[_Row]:
    told: dict[tuple[str, int], bytes] = {}
    for number, line in lines:
        try:
            row = _parse(line)
            for place, text in ((0, row.question), (row.number, row.passage)):
                digest = hash_passage(text)
                if told.setdefault((row.question_id, place), digest) != digest:
                    what = f"the passage of its number {place} is" if place else "its question is"
                    raise BadInputError(f"{what} another in a line before, of the same question_id")
            yield row
        except BadInputError as error:
            report.malformed.append((number, str(error)))


def _own_questions(connection: sa.Connection) -> set[str]:
    """By their ids for others, those that were asked here."""
    first = sa.select(citation.c.question_id, sa.func.min(citation.c.id).label("token")).group_by(
        citation.c.question_id
    )
    tokens = first.subquery()
    rows = sa.select(question.c.event_id, tokens.c.token).join(tokens, tokens.c.question_id == question.c.id)
    asked_here = sa.func.coalesce(question.c.event_id, "").not_like(f"{IMPORTED}%")
    return {question_key(event_id, token) for event_id, token in connection.execute(rows.where(asked_here))}


def _text(line: Mapping[str, Any], name: str, most_chars: int = _MOST_NAME_CHARS) -> str:
    value = line.get(name)
    cleaned = clean_text(value).strip() if isinstance(value, str) else ""
    if not any(char.isalnum() for char in cleaned):
        raise BadInputError(f'its "{name}" is missing or has no words')
    if len(cleaned) > most_chars:
        raise BadInputError(f'its "{name}" is longer than {most_chars:,} characters')
    return cleaned


def _moment(line: Mapping[str, Any], name: str) -> datetime:
    try:
        at = datetime.fromisoformat(str(line.get(name)))
    except ValueError:
        raise BadInputError(f'its "{name}" is no moment like 2026-03-05T02:00:00+00:00') from None
    if at.tzinfo is None:
        raise BadInputError(f'its "{name}" has no time zone')
    if not _EARLIEST <= at <= datetime.now(UTC) + timedelta(days=1):
        raise BadInputError(f'its "{name}" is before 1970 or still to come')
    return at


def _parse(line: Mapping[str, Any]) -> _Row:
    if type(line.get("value")) is not int or line["value"] not in (-1, 1):
        raise BadInputError('its "value" is neither 1 nor -1')
    number = line.get("number")
    if type(number) is not int or not 1 <= number <= _MOST_SOURCES:
        raise BadInputError(f'its "number" is no number of a source, from 1 to {_MOST_SOURCES}')
    if line.get("on", "source") not in _KINDS:
        raise BadInputError('its "on" is neither source nor answer')
    reason = line.get("reason")
    if reason is not None and (reason not in REASONS or line["value"] > 0):
        raise BadInputError(f'its "reason" is none of a down-vote ({", ".join(REASONS)})')
    return _Row(
        question_id=_text(line, "question_id"),
        question=_text(line, "question", _MOST_QUESTION_CHARS),
        asked_at=_moment(line, "asked_at"),
        asked_by=_person(_text(line, "asked_by") if line.get("asked_by") else "unknown"),
        number=number,
        uri=str(line.get("uri") or ""),
        passage=_text(line, "passage", sys.maxsize) and _exactly(line["passage"]),
        value=line["value"],
        on_source=line.get("on", "source") == "source",
        reason=reason,
        person=_person(_text(line, "person")),
        at=Decimal(f"{_moment(line, 'at').timestamp():.6f}"),
    )


def _exactly(passage: str) -> str:
    """As a document's passage with these words is stored, by which it is found."""
    return passage.replace("\0", "").encode("utf-8", "replace").decode()


def _person(name: str) -> str:
    """Who is named as `WORKSPACE:USER` is that person, whom an erasure then finds."""
    return name if ":" in name else f"{IMPORTED}{name}"


def _question(connection: sa.Connection, row: _Row, generation_id: int) -> int:
    values = {
        "event_id": IMPORTED + row.question_id,
        "workspace": IMPORTED.rstrip(":"),
        "channel": IMPORTED.rstrip(":"),
        "channel_kind": "direct",
        "person": row.asked_by,
        "raw_text": row.question,
        "audience_ids": [PUBLIC_AUDIENCE_ID],
        "generation_id": generation_id,
        "answer": NOT_HERE,
        "answer_kind": "quoted",
        "asked_at": row.asked_at,
    }
    connection.execute(insert(question).values(values).on_conflict_do_nothing(index_elements=["event_id"]))
    known = sa.select(question.c.id).where(question.c.event_id == values["event_id"]).with_for_update()
    return int(connection.scalars(known).one())


class _Standing(NamedTuple):
    """A passage that is here."""

    chunk_id: int
    text_hash: bytes
    audience_id: int


def _passages(connection: sa.Connection, rows: Sequence[_Row]) -> dict[tuple[str, bytes], _Standing]:
    """Where the rows' passages stand, by their documents' addresses and digests; kept from going in this transaction.

    The document of that address comes first, and then any with the same words.
    """
    of_text = sa.func.sha256(sa.func.convert_to(chunk.c.text, "UTF8"))
    digests = sa.literal([hash_passage(row.passage) for row in rows], sa.ARRAY(sa.LargeBinary))
    wanted = (
        sa.select(of_text.label("digest"), document.c.source_uri, chunk.c.id, chunk.c.text_hash, document.c.audience_id)
        .join(document, document.c.id == chunk.c.document_id)
        .where(of_text == sa.any_(digests))
        .order_by(chunk.c.id)
        .with_for_update(read=True, key_share=True, of=chunk)
    )
    found: dict[tuple[str, bytes], _Standing] = {}
    for digest, uri, *standing in connection.execute(wanted):
        for place in (uri, ""):
            found.setdefault((place, bytes(digest)), _Standing(*standing))
    return found


def _source(
    connection: sa.Connection, question_id: int, row: _Row, passages: Mapping[tuple[str, bytes], _Standing]
) -> tuple[str, bool]:
    """The citation of that number, and whether its passage is in no document; made where it isn't there."""
    known = (
        sa.select(citation.c.id, impression.c.chunk_id)
        .join(impression, impression.c.id == citation.c.impression_id)
        .where(citation.c.question_id == question_id, citation.c.number == row.number)
    )
    if found := connection.execute(known).one_or_none():
        return found.id, found.chunk_id is None
    digest = hash_passage(row.passage)
    standing = passages.get((row.uri, digest)) or passages.get(("", digest))
    made = sa.insert(impression).values(
        question_id=question_id,
        chunk_id=standing.chunk_id if standing else None,
        chunk_text_hash=standing.text_hash if standing else digest,
        passage_hash=digest,
        rank=row.number,
        similarity=0.0,
        score=0.0,
        shown=True,
        source_number=row.number,
    )
    impression_id = connection.scalars(made.returning(impression.c.id)).one()
    citation_id = secrets.token_hex(5)
    values = {"id": citation_id, "impression_id": impression_id, "question_id": question_id, "number": row.number}
    connection.execute(sa.insert(citation).values(values))
    if standing:
        seen = sa.func.array_append(question.c.audience_ids, standing.audience_id)
        unseen = sa.not_(question.c.audience_ids.contains([standing.audience_id]))
        connection.execute(sa.update(question).where(question.c.id == question_id, unseen).values(audience_ids=seen))
    return citation_id, standing is None


def _vote(connection: sa.Connection, question_id: int, citation_id: str, row: _Row) -> bool:
    target = str(row.number) if row.on_source else "answer"
    told = "\x1f".join((row.question_id, target, row.person, str(row.at), str(row.value)))
    event = VoteEvent(
        dedupe_key=IMPORTED + hashlib.sha256(told.encode()).hexdigest(),
        workspace=row.person.partition(":")[0],
        person=row.person,
        question_id=question_id,
        citation_id=citation_id if row.on_source else None,
        action="set",
        value=row.value,
        occurred_ts=row.at,
    )
    is_new, _ = append_event(connection, event)
    if is_new and row.reason is not None:
        given = insert(vote_reason).values(person=row.person, citation_id=citation_id, reason=row.reason)
        connection.execute(given.on_conflict_do_nothing())
    return is_new
