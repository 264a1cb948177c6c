"""A trial begins and ends: the candidate is level with the documents while it answers, and makes room afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

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


def propose_trial(
    engine: sa.Engine, candidate: Generation, terms: Terms, *, incumbent_id: int, lease: Lease | None = None
) -> Trial:
    """Has a built candidate wait for somebody to begin its trial against what serves.

    Raises:
        NotPromotableError: another trial is open.
        StaleRunError: another generation serves, or the night was taken over.
    """
    with engine.begin() as connection:
        if lease is not None:
            require_lease(connection, lease)
        _require_serving(connection, incumbent_id)
        trial_id = _add(connection, candidate, incumbent_id, terms, status="proposed")
    return get_trial(engine, trial_id)


def begin_trial(
    engine: sa.Engine,
    candidate: Generation,
    encoder: Encoder,
    terms: Terms | Trial,
    *,
    incumbent_id: int,
    by: str,
    on_batch: Callable[[int], None] = lambda n: None,
    lease: Lease | None = None,
) -> Trial:
    """Encodes what the candidate lacks and has it answer beside what serves, level with the documents from then on.

    `terms` are those of a new trial, or one that was proposed.

    Raises:
        NotPromotableError: it doesn't wait to begin any more, another is open, or documents keep arriving faster than
            they are encoded.
        StaleRunError: another generation serves, or the night was taken over.
    """
    for _ in range(ROUNDS):
        backfill(engine, candidate, encoder, on_batch, lease=lease)
        try:
            with transaction(engine) as (connection, raw):
                hold_vectors_of(raw, candidate.id, incumbent_id)
                if lease is not None:
                    require_lease(connection, lease)
                bring_level(raw, candidate, lambda raw: encode_rest(raw, candidate, encoder))
                _require_serving(connection, incumbent_id)
                if isinstance(terms, Trial):
                    trial_id = _take_up(connection, terms, by)
                else:
                    own = {"status": "running", "started_at": sa.func.now(), "started_by": by}
                    trial_id = _add(connection, candidate, incumbent_id, terms, **own)
                put_in_service(connection, by, trial=candidate.id)
            return get_trial(engine, trial_id)
        except NotCaughtUpError:
            continue
    raise NotPromotableError("Documents kept arriving faster than they could be encoded; try again when it is calmer.")


def _add(connection: sa.Connection, candidate: Generation, incumbent_id: int, terms: Terms, **values: Any) -> int:  # noqa: ANN401
    if (found := find_open(connection)) is not None:
        raise NotPromotableError(f"Trial {found.id} is open; `nightshift trials show {found.id}` tells how far it is.")
    row = {"incumbent_id": incumbent_id, "candidate_id": candidate.id, **asdict(terms), **values}
    return int(connection.execute(trial.insert().values(row).returning(trial.c.id)).scalar_one())


def _take_up(connection: sa.Connection, known: Trial, by: str) -> int:
    begun = (
        trial.update()
        .where(trial.c.id == known.id, trial.c.status == "proposed")
        .values(status="running", started_at=sa.func.now(), started_by=by)
    )
    if connection.execute(begun).rowcount != 1:
        raise NotPromotableError(f"Trial {known.id} doesn't wait to begin any more.")
    return known.id


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


def _require_serving(connection: sa.Connection, generation_id: int) -> None:
    """Holds the roles: until the transaction ends it serves, and no other trial begins or ends."""
    if hold_roles(connection).get("serving") != generation_id:
        raise StaleRunError(f"Generation {generation_id} no longer serves, so nothing can be tried against it.")
