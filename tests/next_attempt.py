"""The next attempt at what a killed process had: the server notices a moment later that it is gone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from db.errors import NightBusyError, SourceBusyError
from retrain.night import run_next_night

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Encoders
    from db.nights import Run
    from db.settings import Settings

Made = TypeVar("Made")


def as_soon_as_free(work: Callable[[], Made]) -> Made:
    """What comes of it once nobody else has the run or the source."""
    while True:
        with suppress(NightBusyError, SourceBusyError):
            return work()


def take_up(engine: sa.Engine, settings: Settings, encoders: Encoders, *others: Any) -> Run | None:  # noqa: ANN401
    """As `run_next_night` does it, as soon as nobody has a run."""
    return as_soon_as_free(lambda: run_next_night(engine, settings, encoders, *others))
