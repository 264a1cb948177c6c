"""A trial begins and ends: the candidate is level with the documents while it answers, and makes room afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.errors import NotCaughtUpError, NotPromotableError, StaleRunError
from db.generations.catalogue import read_generation
from db.generations.filling import backfill, encode_rest
from db.generations.locks import hold_vectors_of
from db.generations.promotion import ROUNDS
from db.generations.roles import hold_roles, put_in_service
from db.generations.swap import bring_level
from db.generations.trials import Terms, Trial, TrialStatus, close_trial, find_open, get_trial
from db.generations.vectors import drop_vectors
from db.nights import require_lease
from db.schema import trial
from db.store import transaction

if TYPE_CHECKING:
    from db.generations.generation import Generation
    from db.models import Encoder
    from db.nights import Lease
    from db.store import RawConnection


def propose_trial(
    engine: sa.Engine, candidate: Generation, *, incumbent_id: int, terms: Terms, lease: Lease | None = None
) -> Trial:
    """Has a built candidate wait for somebody to begin its trial against what serves.

    Raises:
        NotPromotableError: another trial is open.
        StaleRunError: another generation serves, or the night was taken over.
    """
    with engine.begin() as connection:
        if lease is not None:
            require_lease(connection, lease)
        if hold_roles(connection).get("serving") != incumbent_id:
            raise _no_longer_serves(incumbent_id)
        _require_none(connection)
        row = {
            "incumbent_id": incumbent_id,
            "candidate_id": candidate.id,
            "status": "proposed",
            "alpha": terms.alpha,
            "share": terms.share,
            "most_questions": terms.most_questions,
            "most_days": terms.most_days,
        }
        trial_id = connection.execute(trial.insert().values(row).returning(trial.c.id)).scalar_one()
    return get_trial(engine, trial_id)


def begin_trial(
    engine: sa.Engine,
    known: Trial,
    candidate: Generation,
    encoder: Encoder,
    *,
    by: str,
    on_batch: Callable[[int], None] = lambda n: None,
    lease: Lease | None = None,
) -> Trial:
    """Encodes what the candidate lacks and has it answer beside what serves, level with the documents from then on.

    Raises:
        NotPromotableError: it doesn't wait to begin any more, or documents keep arriving faster than they are encoded.
        StaleRunError: another generation serves, or the night was taken over.
    """
    for _ in range(ROUNDS):
        backfill(engine, candidate, encoder, on_batch, lease=lease)
        try:
            _begin(engine, known, candidate, by, lease, lambda raw: encode_rest(raw, candidate, encoder))
            return get_trial(engine, known.id)
        except NotCaughtUpError:
            continue
    raise NotPromotableError("Documents kept arriving faster than they could be encoded; try again when it is calmer.")


def _begin(
    engine: sa.Engine,
    known: Trial,
    candidate: Generation,
    by: str,
    lease: Lease | None,
    encode: Callable[[RawConnection], None],
) -> None:
    with transaction(engine) as (connection, raw):
        hold_vectors_of(raw, known.candidate_id, known.incumbent_id)
        if lease is not None:
            require_lease(connection, lease)
        bring_level(raw, candidate, encode)
        if hold_roles(connection).get("serving") != known.incumbent_id:
            raise StaleRunError(
                f"Generation {known.incumbent_id} no longer serves, so nothing can be tried against it."
            )
        begun = (
            trial.update()
            .where(trial.c.id == known.id, trial.c.status == "proposed")
            .values(status="running", started_at=sa.func.now(), started_by=by)
        )
        if connection.execute(begun).rowcount != 1:
            raise NotPromotableError(f"Trial {known.id} doesn't wait to begin any more.")
        put_in_service(connection, by, trial=known.candidate_id)


def end_trial(engine: sa.Engine, known: Trial, status: TrialStatus, *, by: str, reason: str) -> None:
    """Ends it without promoting its candidate, whose vectors make room.

    Raises:
        NotPromotableError: it has ended already.
    """
    with transaction(engine) as (connection, raw):
        hold_vectors_of(raw, known.candidate_id, known.incumbent_id)
        hold_roles(connection)
        found = find_open(connection)
        if found is None or found.id != known.id:
            raise NotPromotableError(f"Trial {known.id} has ended already.")
        close_trial(connection, known, status, by, reason)
        drop_vectors(raw, read_generation(connection, known.candidate_id))


def _require_none(connection: sa.Connection) -> None:
    if (found := find_open(connection)) is not None:
        raise NotPromotableError(f"Trial {found.id} is open; `nightshift trials show {found.id}` tells how far it is.")


def _no_longer_serves(generation_id: int) -> StaleRunError:
    return StaleRunError(f"Generation {generation_id} no longer serves, so nothing can be tried against it.")
