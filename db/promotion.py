"""Promotion by a person: any generation that still has its model can serve again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.backfill import backfill, count_missing
from db.errors import NotCaughtUpError, NotPromotableError
from db.generations import promote, require_promotable, serving
from db.recall import build_and_measure_index

if TYPE_CHECKING:
    from db.encoders import Encoders
    from db.generation import Generation
    from db.settings import Settings

ROUNDS = 10
"""Times the last chunks to arrive are encoded before giving up on a corpus that never stands still."""


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

    Raises:
        NotPromotableError: it serves already, is pruned or being built, or was refused and `force` isn't given.
        StaleRunError: another one was promoted meanwhile.
        ModelError: its model files can't be used.
    """
    require_promotable(engine, generation, force=force)
    incumbent = serving(engine)
    forced = generation.status == "refused"
    encoder = encoders.get(generation)
    total, done = count_missing(engine, generation), 0

    def advance(n: int) -> None:
        nonlocal done
        done += n
        if on_progress is not None:
            on_progress(done, total)

    backfill(engine, generation, encoder, advance)
    generation, _ = build_and_measure_index(engine, generation, settings.index_recall_floor)
    catch_up_and_promote(
        lambda: backfill(engine, generation, encoder, advance),
        lambda: promote(engine, generation, expected_current_id=incumbent.id, by=by, forced=forced),
    )


def catch_up_and_promote(catch_up: Callable[[], object], swap: Callable[[], None]) -> None:
    """Encodes the chunks that arrived since, until the swap finds none missing.

    Raises:
        NotPromotableError: documents kept arriving faster than they could be encoded.
    """
    for _ in range(ROUNDS):
        catch_up()
        try:
            swap()
            return
        except NotCaughtUpError:
            continue
    raise NotPromotableError("Documents kept arriving faster than they could be encoded; try again when it is calmer.")
