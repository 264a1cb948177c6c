"""What makes room: candidates that were refused or given up, and generations that neither serve nor may again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from db.generations.catalogue import list_generations, update_generation
from db.generations.generation import Generation
from db.generations.locks import hold_vectors
from db.generations.roles import maintained
from db.generations.vectors import drop_vectors
from db.nights import Lease, require_lease
from db.schema import artefact, decision_request, generation, in_service, retrain_run
from db.store import transaction

if TYPE_CHECKING:
    from db.settings import Settings


def refuse_candidate(engine: sa.Engine, candidate: Generation, metrics: dict[str, Any], run: Lease) -> None:
    """Records that the gate refused it. Its row and model stay, to look at or to force; its vectors make room.

    Raises:
        StaleRunError: the run (id, attempt) was taken over.
    """
    with transaction(engine) as (connection, raw):
        hold_vectors(raw, candidate)
        require_lease(connection, run)
        drop_vectors(raw, candidate)
        update_generation(connection, candidate.id, status="refused", metrics=metrics)


def remove_candidate(
    engine: sa.Engine,
    candidate: Generation,
    lease: Lease | None = None,
    remove_model: Callable[[], None] = lambda: None,
) -> None:
    """Removes a generation that never served: its row, its vectors, and by `remove_model` its model.

    Vectors and model stay where another generation uses them. Where a night does it, nobody can take that night over
    before all are gone.

    Raises:
        NightshiftError: it is in service.
        StaleRunError: the night was taken over: nothing is removed.
    """
    with transaction(engine) as (connection, raw):
        hold_vectors(raw, candidate)
        if lease is not None:
            require_lease(connection, lease)
        drop_vectors(raw, candidate)
        connection.execute(generation.delete().where(generation.c.id == candidate.id))
        others = sa.exists().where(generation.c.artefact_id == candidate.artefact_id)
        if connection.execute(artefact.delete().where(artefact.c.id == candidate.artefact_id, ~others)).rowcount:
            remove_model()


def prunable(engine: sa.Engine, keep: int = 0) -> list[Generation]:
    """The generations that neither serve nor can be rolled back to, newest first, without the `keep` newest.

    One whose night goes on isn't among them, nor one that a person has still to decide on, or decided on just now.
    """
    active = {item.id for item in maintained(engine)}
    at_work = sa.select(retrain_run.c.id).where(
        retrain_run.c.status.in_(["requested", "running"]) | (retrain_run.c.decision == "pending")
    )
    wanted = sa.select(decision_request.c.generation_id).where(decision_request.c.done_at.is_(None))
    with engine.connect() as connection:
        run_ids = set(connection.scalars(at_work))
        active |= set(connection.scalars(wanted))
    done = [
        item
        for item in list_generations(engine)
        if item.id not in active and item.run_id not in run_ids and item.status != "pruned"
    ]
    return done[keep:]


def prune(engine: sa.Engine, settings: Settings, keep: int = 0) -> list[Generation]:
    """Drops the vectors and model files of `prunable` generations that no other one uses; rows and figures stay.

    What a killed prune left on disk goes too.
    """
    pruned = []
    for item in prunable(engine, keep):
        with transaction(engine) as (connection, raw):
            hold_vectors(raw, item)
            if connection.scalar(sa.select(in_service.c.role).where(in_service.c.generation_id == item.id)):
                continue
            drop_vectors(raw, item)
            pruned.append(update_generation(connection, item.id, status="pruned"))
    generations = list_generations(engine)
    used = {item.artefact_uri for item in generations if item.status != "pruned"}
    for item in generations:
        if item.artefact_uri not in used and item.artefact_uri.startswith("data:"):
            from db.generations.encoders import artefact_directory

            shutil.rmtree(artefact_directory(item, settings), ignore_errors=True)
    return pruned
