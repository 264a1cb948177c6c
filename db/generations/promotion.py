"""Promotion: level with the documents, however many write them; by a person any that still has its model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.errors import NotCaughtUpError, NotPromotableError
from db.generations.artefacts import share_model
from db.generations.filling import backfill, count_missing, encode_rest
from db.generations.index_questions import typical_questions
from db.generations.recall import build_and_measure_index
from db.generations.roles import serving
from db.generations.swap import promote, require_promotable
from db.generations.trials import open_trial

if TYPE_CHECKING:
    from db.generations.encoders import Encoders
    from db.generations.generation import Generation
    from db.models import Encoder
    from db.nights import Lease
    from db.settings import Settings

ROUNDS = 10
"""Times the last chunks to arrive are encoded before giving up on documents that come faster than that."""


def promote_by_hand(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    generation: Generation,
    *,
    by: str,
    force: bool,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Brings a generation level with the documents and swaps it in; `on_progress` gets (done, total) chunks.

    One that is on trial is recorded as forced: nothing has shown it to be better yet.

    Raises:
        NotPromotableError: it serves already, is pruned or being built, or was refused and `force` isn't given.
        StaleRunError: another one was promoted meanwhile.
        ModelError: its model files can't be used.
    """
    require_promotable(engine, generation, force=force)
    incumbent = serving(engine)
    trial = open_trial(engine)
    forced = generation.status == "refused" or (trial is not None and trial.candidate_id == generation.id)
    encoder = encoders.get(generation)
    total, done = count_missing(engine, generation), 0

    def advance(n: int) -> None:
        nonlocal done
        done += n
        if on_progress is not None:
            on_progress(done, total)

    backfill(engine, generation, encoder, advance)
    questions = typical_questions(engine, generation, encoder)
    generation, _ = build_and_measure_index(engine, generation, settings.index_recall_floor, questions)
    share_model(engine, generation, settings)
    catch_up_and_promote(engine, generation, encoder, advance, expected_current_id=incumbent.id, by=by, forced=forced)


def catch_up_and_promote(
    engine: sa.Engine,
    generation: Generation,
    encoder: Encoder,
    on_batch: Callable[[int], None],
    *,
    expected_current_id: int,
    by: str,
    forced: bool = False,
    lease: Lease | None = None,
    remark: str | None = None,
) -> None:
    """Encodes the chunks that arrived since, and swaps the generation in, level with the documents.

    Those who go on writing don't keep it from ending: each round has less to encode than the one before, and the last
    few chunks are encoded while nobody may change documents, for which writers wait a moment. `on_batch`, `lease`: see
    `backfill`; otherwise see `promote`.

    Raises:
        NotPromotableError: documents kept arriving faster than they could be encoded, or see `promote`.
        StaleRunError: see `promote`.
    """
    for _ in range(ROUNDS):
        backfill(engine, generation, encoder, on_batch, lease=lease)
        try:
            promote(
                engine,
                generation,
                expected_current_id=expected_current_id,
                by=by,
                forced=forced,
                run=lease,
                remark=remark,
                encode_rest=lambda raw: encode_rest(raw, generation, encoder),
            )
            return
        except NotCaughtUpError:
            continue
    raise NotPromotableError("Documents kept arriving faster than they could be encoded; try again when it is calmer.")
