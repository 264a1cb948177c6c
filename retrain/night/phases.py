"""A night's phases: each marked in the run's row as it begins, and afterwards with what it took and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from db.nights import Run, record_phase, update_run
from db.steps import Step

OnProgress = Callable[[str, int, int], None]
"""Called with (what, done, total) as work gets done."""

Facts = dict[str, Any]
"""Figures of a phase, for the run's row."""


@contextmanager
def phase(engine: sa.Engine, run: Run, name: str, on_progress: OnProgress) -> Iterator[Facts]:
    """Yields the facts to be filled in; they are recorded where the block ends well.

    Facts that name their own `seconds` are those of an earlier attempt that did the work.

    Raises:
        StaleRunError: another process took the run up since.
    """
    update_run(engine, run, phase=name)
    on_progress(name, 0, 0)
    with Step(name) as step:
        yield step.facts
    record_phase(engine, run, name, **({"seconds": round(step.seconds, 3)} | step.facts))
