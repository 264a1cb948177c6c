"""What a night learns from, as it stands at one moment; a night keeps what it read, and reads that if it dies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

import sqlalchemy as sa

from db.encoder import passage_text
from db.schema import (
    chunk,
    citation,
    curated_pair,
    curated_pair_chunk,
    document,
    impression,
    question,
    vote_event,
    vote_reason,
)
from db.synthetic import read_questions
from db.trained_questions import TrainedQuestion, read_trained
from db.vote_fold import VoteEvent, fold_votes
from retrain.labels import Anchor, Judgement


@dataclass(frozen=True, slots=True)
class Bounds:
    """The newest vote event, curated pair and synthetic question that count, by id; None: of the last none does.

    They tell how far a night had read, and no more: a lower id may be committed later, and what is said of a pair or a
    vote may change under the same bounds.
    """

    vote_event_id: int
    pair_id: int
    synthetic_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnchorText:
    """What was asked, and when (seconds since the epoch)."""

    text: str
    asked_s: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Votes and curated pairs within the bounds, on chunks that still exist.

    `explored` has the questions whose answers had a source that chance brought up: `{question id: {shown chunk id:
    1 / its probability of being shown in an answer that explores}}`. `marked` are the pairs that call a source right
    which their question's answer had shown. `synthetic` has the chunk of each question that a language model wrote,
    `trained` what earlier nights trained on.
    """

    judgements: tuple[Judgement, ...]
    chunks_of_pair: Mapping[int, tuple[int, ...]]
    anchors: Mapping[Anchor, AnchorText]
    explored: Mapping[int, Mapping[int, float]] = field(default_factory=dict)
    marked: frozenset[int] = frozenset()
    synthetic: Mapping[int, int] = field(default_factory=dict)
    trained: tuple[TrainedQuestion, ...] = ()

    def texts(self) -> dict[Anchor, str]:
        """Everything that has to be encoded, by its anchor."""
        return {
            **{anchor: own.text for anchor, own in self.anchors.items()},
            **{Anchor("trained", own.id): own.text for own in self.trained},
        }


def current_bounds(engine: sa.Engine) -> Bounds:
    """Everything that people said up to now."""
    with engine.connect() as connection:
        return _bounds(connection)


def read_snapshot(engine: sa.Engine, bounds: Bounds) -> Snapshot:
    """All that is there now up to the bounds, at one moment."""
    with _one_moment(engine) as connection:
        snapshot = _read(connection, bounds)
    return snapshot if bounds.synthetic_id is None else with_synthetic(engine, snapshot, bounds.synthetic_id)


def take_snapshot(engine: sa.Engine, run_id: int | None = None) -> tuple[Bounds, Snapshot]:
    """Everything that people said up to now, at one moment, and how far that goes.

    What an earlier attempt of that run trained on doesn't count: of another split, its candidate goes.
    """
    with _one_moment(engine) as connection:
        bounds = _bounds(connection)
        return bounds, _read(connection, bounds, run_id)


def with_synthetic(engine: sa.Engine, snapshot: Snapshot, newest_id: int) -> Snapshot:
    """The same snapshot with the questions that a language model wrote, up to that one."""
    with engine.connect() as connection:
        written = read_questions(connection, newest_id)
    anchors = {anchor: text for anchor, text in snapshot.anchors.items() if anchor.kind != "synthetic"}
    anchors |= {Anchor("synthetic", own.id): AnchorText(own.text, own.made_at.timestamp()) for own in written}
    return replace(snapshot, anchors=anchors, synthetic={own.id: own.chunk_id for own in written})


def _one_moment(engine: sa.Engine) -> sa.Connection:
    """A connection whose statements all see what was committed before the first of them."""
    return engine.execution_options(isolation_level="REPEATABLE READ").connect()


def _bounds(connection: sa.Connection) -> Bounds:
    return Bounds(
        connection.scalar(sa.select(sa.func.coalesce(sa.func.max(vote_event.c.id), 0))) or 0,
        connection.scalar(sa.select(sa.func.coalesce(sa.func.max(curated_pair.c.id), 0))) or 0,
    )


def _read(connection: sa.Connection, bounds: Bounds, run_id: int | None = None) -> Snapshot:
    shown = _shown_sources(connection)
    judgements = tuple(_judgements(connection, bounds, shown))
    chunks_of_pair, marked, anchors = _pairs(connection, bounds)
    anchors |= _questions(connection, {judgement.question_id for judgement in judgements})
    trained = tuple(read_trained(connection, apart_from=run_id))
    return Snapshot(judgements, chunks_of_pair, anchors, _explored(connection), marked, trained=trained)


def read_passages(engine: sa.Engine, chunk_ids: Iterable[int]) -> dict[int, str]:
    """The texts of these chunks as they are encoded; chunks that are gone are left out."""
    query = (
        sa.select(chunk.c.id, document.c.title, chunk.c.section, chunk.c.text)
        .join(document)
        .where(chunk.c.id == sa.any_(sa.literal(sorted(set(chunk_ids)), sa.ARRAY(sa.BigInteger))))
    )
    with engine.connect() as connection:
        return {row.id: passage_text(row.title, row.section, row.text) for row in connection.execute(query)}


def read_documents_of_chunks(engine: sa.Engine) -> dict[int, int]:
    """The document of every chunk."""
    with engine.connect() as connection:
        return {row.id: row.document_id for row in connection.execute(sa.select(chunk.c.id, chunk.c.document_id))}


@dataclass(frozen=True, slots=True)
class _ShownSource:
    citation_id: str
    chunk_id: int | None
    rank: int


def _shown_sources(connection: sa.Connection) -> dict[int, list[_ShownSource]]:
    """The cited sources of every answer that somebody voted on, by number."""
    query = (
        sa.select(citation.c.question_id, citation.c.id, impression.c.chunk_id, impression.c.rank)
        .join(impression, impression.c.id == citation.c.impression_id)
        .where(citation.c.question_id.in_(sa.select(vote_event.c.question_id)))
        .order_by(citation.c.question_id, citation.c.number)
    )
    shown: dict[int, list[_ShownSource]] = defaultdict(list)
    for question_id, *source in connection.execute(query):
        shown[question_id].append(_ShownSource(*source))
    return shown


def _judgements(
    connection: sa.Connection, bounds: Bounds, shown: Mapping[int, list[_ShownSource]]
) -> Iterator[Judgement]:
    log = vote_event.c
    columns = [log[name] for name in VoteEvent.__slots__]
    query = sa.select(*columns).where(log.id <= bounds.vote_event_id).order_by(log.question_id, log.person, log.id)
    reasons = {
        (row.person, row.citation_id): row.reason
        for row in connection.execute(sa.select(vote_reason.c.person, vote_reason.c.citation_id, vote_reason.c.reason))
    }
    events = (VoteEvent(*row) for row in connection.execute(query))
    for (question_id, person), own in groupby(events, key=lambda event: (event.question_id, event.person)):
        sources = {source.citation_id: source for source in shown.get(question_id, [])}
        for citation_id, vote in fold_votes(own, list(sources)).items():
            source = sources[citation_id]
            if source.chunk_id is not None:
                yield Judgement(
                    person=person,
                    question_id=question_id,
                    chunk_id=source.chunk_id,
                    value=1 if vote.value > 0 else -1,
                    occurred_s=float(vote.occurred_ts),
                    weight=vote.weight,
                    reason=reasons.get((person, citation_id)),
                    origin=vote.origin,
                    rank=source.rank,
                )


def _explored(connection: sa.Connection) -> dict[int, dict[int, float]]:
    """What was shown by the voted answers that explored: where one that might have been shown better ranked wasn't."""
    row, passed_over = impression.c, impression.alias("passed_over").c
    explores = sa.exists().where(
        passed_over.question_id == row.question_id,
        passed_over.rank < row.rank,
        passed_over.propensity.is_not(None),
        sa.not_(passed_over.shown),
    )
    exploring = sa.select(row.question_id).where(
        row.shown, explores, row.question_id.in_(sa.select(vote_event.c.question_id))
    )
    query = (
        sa.select(row.question_id, row.chunk_id, row.propensity, row.shown)
        .where(row.propensity.is_not(None), row.question_id.in_(exploring))
        .order_by(row.question_id, row.rank)
    )
    shown: dict[int, dict[int, float]] = {}
    for question_id, rows in groupby(connection.execute(query), key=lambda row: row.question_id):
        hits = list(rows)
        drawn_from = (
            sum(hit.propensity < 1 for hit in hits) - 1
        )  # all that chance had a part in, but the usual last one
        shown[question_id] = {
            hit.chunk_id: 1.0 if hit.propensity == 1 else float(drawn_from)
            for hit in hits
            if hit.shown and hit.chunk_id is not None
        }
    return shown


def _pairs(
    connection: sa.Connection, bounds: Bounds
) -> tuple[dict[int, tuple[int, ...]], frozenset[int], dict[Anchor, AnchorText]]:
    """Each pair's chunks, which of the pairs are marked, and the anchors of all."""
    was_shown = sa.exists().where(
        impression.c.question_id == curated_pair.c.question_id,
        impression.c.chunk_id == curated_pair_chunk.c.chunk_id,
        impression.c.shown,
    )
    query = (
        sa.select(curated_pair, curated_pair_chunk.c.chunk_id, was_shown.label("was_shown"))
        .join(curated_pair_chunk)
        .where(curated_pair.c.id <= bounds.pair_id)
        .order_by(curated_pair.c.id, curated_pair_chunk.c.chunk_id)
    )
    rows = connection.execute(query).all()
    marked = frozenset(row.id for row in rows if row.was_shown)
    chunks: dict[int, tuple[int, ...]] = {}
    anchors: dict[Anchor, AnchorText] = {}
    for row in rows:
        chunks[row.id] = (*chunks.get(row.id, ()), row.chunk_id)
        anchor = Anchor("marked" if row.id in marked else "pair", row.id)
        anchors[anchor] = AnchorText(row.prompt, row.added_at.timestamp())
    return chunks, marked, anchors


def _questions(connection: sa.Connection, ids: set[int]) -> dict[Anchor, AnchorText]:
    text = sa.func.coalesce(question.c.rewritten_text, question.c.raw_text).label("text")
    query = sa.select(question.c.id, text, question.c.asked_at).where(question.c.id.in_(ids)).order_by(question.c.id)
    return {
        Anchor("question", row.id): AnchorText(row.text, row.asked_at.timestamp()) for row in connection.execute(query)
    }
