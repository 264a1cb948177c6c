"""What people decide about generations: asked for in a row, carried out by the night process, its outcome kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from db.engine import driver, plain_errors
from db.errors import NotPromotableError, UnknownIdError
from db.generations import get_generation, settle_run, update_generation
from db.runs import REQUESTED_CHANNEL
from db.schema import decision_request, generation, retrain_run
from db.vectors import drop_vector_table, hold_documents

_REQUEST_LOCK = 0x6E69_0008

Wanted = Literal["promote", "reject", "roll_back"]


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """A row of `decision_request`; `outcome` is one plain sentence, None until it is carried out."""

    id: int
    generation_id: int
    wanted: Wanted
    requested_by: str
    requested_at: datetime
    done_at: datetime | None
    outcome: str | None


_COLUMNS = [decision_request.c[field.name] for field in fields(DecisionRequest)]


def request_decision(engine: sa.Engine, generation_id: int, wanted: Wanted, requested_by: str) -> DecisionRequest:
    """Asks for it and wakes the night process; while one about that generation waits, that one is returned.

    Raises:
        UnknownIdError: there is no such generation.
        DatabaseUnavailableError: nothing is asked for.
    """
    row = {"generation_id": generation_id, "wanted": wanted, "requested_by": requested_by}
    one = sa.select(generation.c.id).where(generation.c.id == generation_id).with_for_update(key_share=True)
    waiting = sa.select(*_COLUMNS).where(
        decision_request.c.generation_id == generation_id, decision_request.c.done_at.is_(None)
    )
    with plain_errors(), engine.begin() as connection:
        # two people who press at once come one after the other
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_REQUEST_LOCK)))
        if connection.scalar(one) is None:
            raise UnknownIdError(f"There is no generation {generation_id}.")
        found = connection.execute(waiting).first()
        if found is None:
            found = connection.execute(decision_request.insert().values(row).returning(*_COLUMNS)).one()
            connection.execute(sa.select(sa.func.pg_notify(REQUESTED_CHANNEL, f"decision {found.id}")))
    return DecisionRequest(*found)


def decisions_about(engine: sa.Engine, generation_id: int) -> list[DecisionRequest]:
    """All that was asked for about one generation, oldest first."""
    wanted = sa.select(*_COLUMNS).where(decision_request.c.generation_id == generation_id)
    with plain_errors(), engine.connect() as connection:
        return [DecisionRequest(*row) for row in connection.execute(wanted.order_by(decision_request.c.id))]


def undecided_generations(engine: sa.Engine) -> list[int]:
    """Generations that passed the gate and wait for a person, oldest first."""
    wanted = (
        sa.select(generation.c.id)
        .join(retrain_run, retrain_run.c.id == generation.c.run_id)
        .where(retrain_run.c.decision == "pending")
        .order_by(generation.c.id)
    )
    with plain_errors(), engine.connect() as connection:
        return list(connection.scalars(wanted))


@contextmanager
def next_open_request(engine: sa.Engine) -> Iterator[tuple[DecisionRequest, Callable[[str], None]] | None]:
    """Lends the oldest request that nobody works on, and what to call with its outcome; None where there is none.

    If the block fails, or its process dies, before the outcome was given, the request is there to be taken up again.
    """
    oldest = (
        sa.select(*_COLUMNS)
        .where(decision_request.c.done_at.is_(None))
        .order_by(decision_request.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with engine.begin() as connection:
        row = connection.execute(oldest).one_or_none()
        if row is None:
            yield None
            return

        def settle(outcome: str) -> None:
            connection.execute(
                decision_request.update()
                .where(decision_request.c.id == row.id)
                .values(done_at=sa.func.clock_timestamp(), outcome=outcome)
            )

        yield DecisionRequest(*row), settle


def reject_generation(engine: sa.Engine, generation_id: int, reason: str) -> None:
    """Turns down a generation that waits for a decision: its run ends as refused, its vectors make room.

    Raises:
        NotPromotableError: it doesn't wait for one (any more).
        UnknownIdError: there is none by that id.
    """
    known = get_generation(engine, generation_id)
    with engine.begin() as connection:
        hold_documents(driver(connection))  # as every promotion does, so only one of the two finds it pending
        if known.run_id is None or not settle_run(connection, known.run_id, "refused", reason):
            raise NotPromotableError(f"Generation {generation_id} doesn't wait for a decision any more.")
        drop_vector_table(driver(connection), known)
        update_generation(connection, generation_id, status="refused")


def supersede_undecided(engine: sa.Engine, run_id: int) -> None:
    """Turns down what earlier nights left to a person, now that this one has come to its own decision."""
    for generation_id in undecided_generations(engine):
        if get_generation(engine, generation_id).run_id != run_id:
            try:
                reject_generation(engine, generation_id, f"Nobody had decided by the end of night {run_id}.")
            except NotPromotableError:
                continue  # somebody decided just now
