"""What the process that runs the nights does once a day beside them: what has been kept long enough goes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from db.errors import NightBusyError
from db.privacy import Retention, prune

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings

DAY_S = 86_400.0

_log = logging.getLogger(__name__)


class DailyPruning:
    """Prunes when it is called, and then not before a day is over; whatever goes wrong, nights go on."""

    def __init__(self, engine: sa.Engine, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._keep = Retention.of(settings)
        self._clock = clock
        self._due_at = clock()

    def __call__(self) -> None:
        """Does it, if it is due; while a night is at work it stays due."""
        if not self._keep.is_bounded or self._clock() < self._due_at:
            return
        try:
            pruned = prune(self._engine, self._keep)
        except NightBusyError:
            return
        except Exception as error:  # it isn't what this process is for
            _log.error(
                "What has been kept long enough could not be deleted, and is tried tomorrow: %s", type(error).__name__
            )
        else:
            _log.info("what had been kept long enough is deleted: %s", pruned)
        self._due_at = self._clock() + DAY_S
