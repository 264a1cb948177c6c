"""What people decide about generations: asked for in a row, carried out by the night process, its outcome kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from db.errors import NotPromotableError, UnknownIdError
from db.generations.catalogue import get_generation, update_generation
from db.generations.locks import hold_vectors
from db.generations.roles import hold_roles
from db.generations.settling import settle_run
from db.generations.turned_down import turning_down
from db.generations.vectors import drop_vectors
from db.schema import decision_request, generation, retrain_run
from db.store import Queue, Row, alone, ask, transaction

MAX_ATTEMPTS = 5
"""A request over which its process died this often is given up, so that it can't keep the next ones from their turn."""

_LOCK = 4, 0

Wanted = Literal["promote", "reject", "roll_back", "begin_trial"]


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
_OPEN = decision_request.c.done_at.is_(None)
_REQUESTS = Queue(decision_request, _OPEN, spent=decision_request.c.attempts >= MAX_ATTEMPTS)


def request_decision(engine: sa.Engine, generation_id: int, wanted: Wanted, requested_by: str) -> DecisionRequest:
    """Asks for it and wakes the night process; while one about that generation waits, that one is returned.

    Raises:
        UnknownIdError: there is no such generation.
        DatabaseUnavailableError: nothing is asked for.
    """
    row = {"generation_id": generation_id, "wanted": wanted, "requested_by": requested_by}
    one = sa.select(generation.c.id).where(generation.c.id == generation_id).with_for_update(key_share=True)
    same = sa.select().where(decision_request.c.generation_id == generation_id, _OPEN).order_by(decision_request.c.id)
    with engine.begin() as connection:
        if connection.scalar(one) is None:
            raise UnknownIdError(f"There is no generation {generation_id}.")
        asked, _ = ask(connection, row, same, _COLUMNS)
    return DecisionRequest(*asked)


def decisions_about(engine: sa.Engine, generation_id: int) -> list[DecisionRequest]:
    """All that was asked for about one generation, oldest first."""
    wanted = sa.select(*_COLUMNS).where(decision_request.c.generation_id == generation_id)
    with engine.connect() as connection:
        return [DecisionRequest(*row) for row in connection.execute(wanted.order_by(decision_request.c.id))]


def undecided_generations(engine: sa.Engine) -> list[int]:
    """Generations that passed the gate and wait for a person, oldest first."""
    wanted = (
        sa.select(generation.c.id)
        .join(retrain_run, retrain_run.c.id == generation.c.run_id)
        .where(retrain_run.c.decision == "pending")
        .order_by(generation.c.id)
    )
    with engine.connect() as connection:
        return list(connection.scalars(wanted))


@contextmanager
def next_open_request(engine: sa.Engine) -> Iterator[tuple[DecisionRequest, Callable[[str], None]] | None]:
    """Lends the oldest request, and what to call with its outcome; None where there is none, or another has one.

    If the block fails, or its process dies, the request is there to be taken up again. No transaction is open
    meanwhile, however long it takes.
    """
    with alone(engine, *_LOCK) as session:
        if session is None or (row := _take(session)) is None:
            yield None
            return
        outcomes: list[str] = []
        yield DecisionRequest(*row[:-1]), outcomes.append
        if outcomes:
            now = sa.func.clock_timestamp()
            _REQUESTS.change(session, row.id, row.attempts, done_at=now, outcome=outcomes[-1])


def _take(session: sa.Connection) -> Row | None:
    given_up = {"done_at": sa.func.clock_timestamp(), "outcome": f"That couldn't be done in {MAX_ATTEMPTS} attempts."}
    oldest = sa.select().where(_OPEN).order_by(decision_request.c.id)
    return _REQUESTS.take_next(session, oldest, [*_COLUMNS, decision_request.c.attempts], given_up)


def reject_generation(engine: sa.Engine, generation_id: int, reason: str, by: str | None = None) -> None:
    """Turns down a generation that waits for a decision: its run ends as refused, its vectors make room.

    `by` is the person who rejects it, if it is one: no night brings it again by itself.

    Raises:
        NotPromotableError: it doesn't wait for one (any more).
        UnknownIdError: there is none by that id.
    """
    known = get_generation(engine, generation_id)
    with transaction(engine) as (connection, raw):
        hold_vectors(raw, known)  # as every promotion does, so only one of the two finds it pending
        hold_roles(connection)  # as every erasure does, which changes the same rows in another order
        if known.run_id is None or not settle_run(connection, known.run_id, "refused", reason):
            raise NotPromotableError(f"Generation {generation_id} doesn't wait for a decision any more.")
        drop_vectors(raw, known)
        update_generation(connection, generation_id, status="refused")
        if by is not None:
            connection.execute(turning_down("rejected", by, generation.c.id == generation_id))


def supersede_undecided(engine: sa.Engine, run_id: int) -> None:
    """Turns down what earlier nights left to a person, now that this one has come to its own decision."""
    for generation_id in undecided_generations(engine):
        if get_generation(engine, generation_id).run_id != run_id:
            try:
                reject_generation(engine, generation_id, f"Nobody had decided by the end of night {run_id}.")
            except NotPromotableError:
                continue  # somebody decided just now
