"""What a night reads: a generation's vectors, and what people said, kept so that each attempt reads the very same."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.corpus import count_chunks
from db.feedback import Bounds, newest_question_id, read_questions, read_said, relink_pairs
from db.generations import Encoders, Generation, read_vectors, tries_since_promotion
from db.nights import Run, database_time, find_kept_snapshot, keep_snapshot
from db.search import score_words
from retrain.court import NIGHT_SHARE, Ledger, Portion, Side, Try
from retrain.lesson import Snapshot, make_snapshot, pack_snapshot, unpack_snapshot, with_synthetic
from retrain.measures import Tried, Words
from retrain.night.space import require_room_to_read

if TYPE_CHECKING:
    from db.settings import Settings


def read_side(engine: sa.Engine, settings: Settings, encoders: Encoders, generation: Generation) -> Side:
    """The generation with its encoder, and its vectors as they are stored, on the data folder's disk.

    Raises:
        ModelError: its model can't be loaded.
        DiskFullError: they don't fit there.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    require_room_to_read(settings, count_chunks(engine), generation.dimension)
    return Side(generation, encoders.get(generation), read_vectors(engine, generation, settings.home))


def words_beside(engine: sa.Engine, generation: Generation) -> Words:
    """How questions are scored by their words, and what that weighs where this generation serves."""
    return Words(partial(score_words, engine), generation.ranking.words_weight)


def portion_of(settings: Settings) -> Portion:
    """How much people get of what is found."""
    return Portion(settings.candidates, settings.sources)


def read_ledger(engine: sa.Engine, run: Run | None = None, share: float = NIGHT_SHARE) -> Ledger:
    """The chance of luck there is for this run's try, the same for each attempt at it; or for one that began now.

    `share` is how much of it this kind of run may use.
    """
    tries = tries_since_promotion(engine, run.id if run else None)
    began = (run.started_at or run.requested_at) if run else database_time(engine)
    return Ledger(began, tuple(Try(own.at, Tried(own.gains, own.alpha)) for own in tries), share)


def find_snapshot(engine: sa.Engine, run: Run) -> tuple[Bounds, Snapshot]:
    """What an earlier attempt kept, whatever was said since; otherwise what there is now.

    Raises:
        StaleRunError: another process took the run up since.
    """
    kept = find_kept_snapshot(engine, run.id)
    if kept is not None and run.snapshot is not None:
        return Bounds(**run.snapshot), unpack_snapshot(kept)
    relink_pairs(engine)
    said = read_said(engine, apart_from=run.id)
    snapshot = make_snapshot(said)
    keep_snapshot(engine, run, asdict(said.bounds), pack_snapshot(snapshot))
    return said.bounds, snapshot


def with_written(engine: sa.Engine, run: Run, bounds: Bounds, snapshot: Snapshot) -> Snapshot:
    """The snapshot with all written questions; kept as such, no later attempt has any written again.

    Raises:
        StaleRunError: another process took the run up since.
    """
    newest_id = newest_question_id(engine)
    with engine.connect() as connection:
        snapshot = with_synthetic(snapshot, read_questions(connection, newest_id))
    keep_snapshot(engine, run, asdict(replace(bounds, synthetic_id=newest_id)), pack_snapshot(snapshot))
    return snapshot
