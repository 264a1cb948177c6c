"""What makes room: candidates that were refused or given up, and generations that neither serve nor may again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from db.generations.artefacts import forget_shared, remove_unneeded_folders
from db.generations.catalogue import list_generations, update_generation
from db.generations.generation import Generation
from db.generations.locks import hold_vectors
from db.generations.roles import answering, generations_by_role
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
    """The generations that neither serve nor can be rolled back to, newest first, without those of the `keep` newest.

    Kept are encoders with all their rankings, which take no room: those of an encoder in service too, and those of the
    one before it, so that it is there to go back to however many rankings were fitted since. One whose run goes on
    isn't among them, nor one that a person has still to decide on, or decided on just now.
    """
    generations = list_generations(engine)
    by_role = generations_by_role(engine)
    used = _encoders_to_go_back_to(answering(by_role), generations) | {own.artefact_id for own in by_role.values()}
    at_work = sa.select(retrain_run.c.id).where(
        retrain_run.c.status.in_(["requested", "running"]) | retrain_run.c.decision.in_(["pending", "trial"])
    )
    wanted = sa.select(decision_request.c.generation_id).where(decision_request.c.done_at.is_(None))
    with engine.connect() as connection:
        run_ids = set(connection.scalars(at_work))
        decided = set(connection.scalars(wanted))
    done = [
        item
        for item in generations
        if item.id not in decided
        and item.run_id not in run_ids
        and item.artefact_id not in used
        and item.status != "pruned"
    ]
    kept = list(dict.fromkeys(item.artefact_id for item in done))[:keep]
    return [item for item in done if item.artefact_id not in kept]


def _encoders_to_go_back_to(in_service: Sequence[Generation], generations: Sequence[Generation]) -> set[int]:
    """Those in service; and where that is one with its rankings, the one that was promoted last before it."""
    used = {item.artefact_id for item in in_service}
    if len(used) == 1:
        before = {
            item.promoted_at: item.artefact_id
            for item in generations
            if item.promoted_at is not None and item.artefact_id not in used and item.status != "pruned"
        }
        used |= {before[max(before)]} if before else set()
    return used


def prune(engine: sa.Engine, settings: Settings, keep: int = 0) -> list[Generation]:
    """Drops the vectors and model files of `prunable` generations that no other one uses; rows and figures stay.

    What a killed prune left on disk goes too, and of what runs learnt from all that no model is left of.
    """
    pruned = []
    for item in prunable(engine, keep):
        with transaction(engine) as (connection, raw):
            hold_vectors(raw, item)
            if connection.scalar(sa.select(in_service.c.role).where(in_service.c.generation_id == item.id)):
                continue
            drop_vectors(raw, item)
            pruned.append(update_generation(connection, item.id, status="pruned"))
    _forget_learnt(engine)
    forget_shared(engine)
    remove_unneeded_folders(engine, settings)
    return pruned


_FORGET_LEARNT = sa.text(
    "DELETE FROM learnt_from USING retrain_run run WHERE run.id = learnt_from.run_id"
    " AND run.status IN ('done', 'failed') AND run.decision IS DISTINCT FROM 'pending' AND NOT EXISTS ("
    "  SELECT FROM generation own"
    "  JOIN (SELECT DISTINCT ON (artefact_id) artefact_id, run_id FROM generation ORDER BY artefact_id, id) maker"
    "  USING (artefact_id) WHERE own.status <> 'pruned' AND run.id IN (own.run_id, maker.run_id))"
)


def _forget_learnt(engine: sa.Engine) -> None:
    """A run's is kept until it has ended, and for as long as there is a generation of its own, or with its encoder."""
    with engine.begin() as connection:
        connection.execute(_FORGET_LEARNT)
