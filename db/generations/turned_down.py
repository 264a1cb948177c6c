"""What a person rolled back or rejected: noted on the generation, until somebody wants it after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from db.generations.generation import Generation, select_generations
from db.schema import artefact, generation

How = Literal["rolled back", "rejected"]


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """A generation that somebody, `by`, has rolled back or rejected."""

    generation: Generation
    at: datetime
    by: str
    how: How


WANTED_AFTER_ALL = dict.fromkeys(("turned_down_at", "turned_down_by", "turned_down_how"))
"""What takes the note back: a person has this one serve."""


def turning_down(how: How, by: str, *which: sa.ColumnElement[bool]) -> sa.Update:
    """What notes that a person wants none of these to serve; the transaction is the one that decides it."""
    noted = {"turned_down_at": sa.func.now(), "turned_down_by": by, "turned_down_how": how}
    return generation.update().where(*which).values(noted)


def turned_down_generations(engine: sa.Engine, base_model: str) -> list[TurnedDown]:
    """Those that a night had made of that base model, the latest decision first."""
    own = generation.c
    query = (
        select_generations(own.turned_down_at, own.turned_down_by, own.turned_down_how)
        .where(own.turned_down_at.is_not(None), own.run_id.is_not(None), artefact.c.base_model == base_model)
        .order_by(own.turned_down_at.desc(), own.id.desc())
    )
    with engine.connect() as connection:
        return [TurnedDown(Generation(*row), at, by, how) for *row, at, by, how in connection.execute(query)]
