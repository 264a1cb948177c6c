"""What a simulation goes on with: its store, its settings, its people's questions, and how long each phase took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from db.steps import Step

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Encoders
    from db.settings import Settings
    from nightshift.simulate.dataset import DataSet
    from nightshift.simulate.outcome import Plan
    from retrain.night import OnProgress


@dataclass(slots=True)
class Stage:
    """Everything a simulation goes on with once its documents are in.

    `id_of_uri` and `id_of_question` name documents and stored questions as the data set does.
    """

    engine: sa.Engine
    settings: Settings
    encoders: Encoders
    dataset: DataSet
    plan: Plan
    on_progress: OnProgress
    id_of_uri: dict[str, str] = field(default_factory=dict)
    id_of_question: dict[int, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Adds what the block takes to the phase's seconds."""
        with Step(phase) as step:
            yield
        self.seconds[phase] = self.seconds.get(phase, 0.0) + step.seconds
