"""The next attempt at a run whose process was killed: the server notices a moment later that it is gone."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from db.errors import NightBusyError
from retrain.night import run_next_night

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Encoders
    from db.nights import Run
    from db.settings import Settings


def take_up(engine: sa.Engine, settings: Settings, encoders: Encoders, *others: Any) -> Run | None:  # noqa: ANN401
    """As `run_next_night` does it, as soon as nobody has a run."""
    while True:
        with suppress(NightBusyError):
            return run_next_night(engine, settings, encoders, *others)
