"""The swap: a built generation is promoted, or the previous one put back; nothing slips past either."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from db.errors import NotCaughtUpError, NotPromotableError, StaleRunError
from db.generations.catalogue import read_generation
from db.generations.generation import Generation, select_generations
from db.generations.locks import hold_vectors_of
from db.generations.roles import giving_roles, hold_roles, serving
from db.generations.settling import settle_run
from db.generations.trials import leave_trial
from db.generations.turned_down import WANTED_AFTER_ALL, turning_down
from db.generations.vectors import is_level, level_with_documents
from db.nights import Lease, let_go, require_lease
from db.schema import generation, retrain_run
from db.store import RawConnection, transaction

MOST_HELD = 32
"""Chunks that are encoded while nobody may change documents, at most: a second or two of a small encoder's time."""


def require_promotable(engine: sa.Engine, candidate: Generation, *, force: bool = False) -> None:
    """Whether a person may make it serve.

    Raises:
        NotPromotableError: it serves already, is pruned or being built, or was refused and `force` isn't given.
    """
    if candidate.id == serving(engine).id:
        raise NotPromotableError(f"Generation {candidate.id} serves already.")
    if candidate.status in ("pruned", "building"):
        raise NotPromotableError(f"Generation {candidate.id} is {candidate.status}, so it can't serve.")
    if candidate.status == "refused" and not force:
        raise NotPromotableError(
            f"The gate refused generation {candidate.id}; `nightshift generations show {candidate.id}` tells why. "
            "With --force it serves all the same, recorded as forced by you."
        )


def promote(
    engine: sa.Engine,
    candidate: Generation,
    *,
    expected_current_id: int,
    by: str,
    forced: bool = False,
    run: Lease | None = None,
    remark: str | None = None,
    encode_rest: Callable[[RawConnection], None] | None = None,
) -> None:
    """Makes a built candidate serve, in one transaction, during which no document changes; readers never wait.

    The serving generation becomes the one to roll back to, and an open trial ends. `run` is (run id, attempt) of the
    night that asks: a night that was taken over by another process since can't promote. Where a person is quicker than
    the night that made it, that night's lease counts no longer: it may drop no vectors any more, and taken up again it
    finds what was decided. `encode_rest` adds what a candidate lacks; up to `MOST_HELD` chunks are left to it, while
    those who write wait. Without a run it is a person who asks, or a trial, whose `remark` joins the reasons of the run
    that made the candidate; then a generation older than the serving one means that those since are rolled back.

    Raises:
        StaleRunError: another generation serves than `expected_current_id`, or the run was taken over.
        NotPromotableError: the candidate isn't built.
        NotCaughtUpError: chunks arrived that it lacks.
    """
    with transaction(engine) as (connection, raw):
        hold_vectors_of(raw, candidate.id, expected_current_id)
        if run is not None:
            require_lease(connection, run)
        known = read_generation(connection, candidate.id)
        status, forced = known.status, forced or known.forced
        if status != "built" and not (forced and status == "refused"):
            raise NotPromotableError(f"Generation {candidate.id} is {status}; only a built one can serve.")
        bring_level(raw, candidate, encode_rest)
        if hold_roles(connection).get("serving") != expected_current_id or expected_current_id == candidate.id:
            raise StaleRunError(
                f"Generation {expected_current_id} no longer serves, so generation {candidate.id} was not promoted."
            )
        leave_trial(connection, by, serves=candidate.id, remark=remark, forced=forced)
        promoted = {"status": "built", "promoted_at": sa.func.now(), "promoted_by": by, "forced": forced}
        parts = [giving_roles(by, serving=candidate.id, previous=expected_current_id)]
        if run is None:
            promoted |= WANTED_AFTER_ALL
            if candidate.id < expected_current_id:  # a person's word: what came since is not wanted
                later = (generation.c.id > candidate.id, generation.c.promoted_at.is_not(None))
                not_yet = generation.c.turned_down_at.is_(None)
                parts.append(turning_down("rolled back", by, *later, not_yet).cte("turned_down"))
        put = generation.update().where(generation.c.id == candidate.id).values(promoted)
        connection.execute(put.add_cte(*parts))
        if known.run_id is not None:
            if run is None:  # the night that made it has no say left
                let_go(connection, retrain_run.c.id == known.run_id)
            settle_run(connection, known.run_id, "promoted", *filter(None, [remark]), was=("pending", "trial"))


def bring_level(raw: RawConnection, candidate: Generation, encode_rest: Callable[[RawConnection], None] | None) -> None:
    """Makes sure that it lacks no chunk; its vectors and the serving one's are held, so no document changes.

    Raises:
        NotCaughtUpError: it lacks more than `encode_rest`, where there is one, may encode while others wait.
    """
    missing = 0 if is_level(raw, candidate) else level_with_documents(raw, candidate)
    if encode_rest is not None and 0 < missing <= MOST_HELD:
        encode_rest(raw)
        missing = level_with_documents(raw, candidate)
    if missing:
        raise NotCaughtUpError(f"Generation {candidate.id} lacks {missing} chunks that arrived meanwhile.")


def roll_back(engine: sa.Engine, by: str, *, expected_current_id: int | None = None) -> Generation:
    """Puts the previous generation back in service and returns it; doing it again goes forward again.

    Who did it is in `in_service`, and, where an older one serves now, in the row of the generation that served: it is
    turned down. What serves now isn't any more. A generation's own row keeps who promoted it, and whether by force.

    Raises:
        NotPromotableError: there is none to go back to, or another serves than `expected_current_id`, where given.
    """
    with engine.begin() as connection:
        roles = hold_roles(connection)
        current, previous = roles.get("serving"), roles.get("previous")
        if expected_current_id not in (None, current):
            raise NotPromotableError(f"Generation {expected_current_id} doesn't serve any more.")
        if current is None or previous is None:
            raise NotPromotableError("There is no previous generation to roll back to.")
        leave_trial(connection, by, serves=previous)
        parts = [
            giving_roles(by, serving=previous, previous=current),
            generation.update().where(generation.c.id == previous).values(WANTED_AFTER_ALL).cte("wanted"),
        ]
        if previous < current:
            parts.append(turning_down("rolled back", by, generation.c.id == current).cte("turned_down"))
        query = select_generations().where(generation.c.id == previous)
        return Generation(*connection.execute(query.add_cte(*parts)).one())
