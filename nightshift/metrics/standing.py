"""Where the store stands, read when somebody asks: generation, votes, queues, nights; the same whoever tells it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from db.errors import NightshiftError
from db.nights import find_overdue
from db.slack import FAILURE_DAYS, Figures, read_figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlalchemy as sa

    from db.settings import Settings

_log = logging.getLogger(__name__)


KEPT_S = 15.0
"""However many ask, and however often: tables are counted no more often than this."""


class Standing(Collector):
    """All processes on one store tell the same: take the highest, not the sum.

    The engine is for this alone: see `db.store.engine_beside`.
    """

    def __init__(self, engine: sa.Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._reading = threading.Lock()
        self._read_at = -KEPT_S
        self._read: list[GaugeMetricFamily] = []

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing: to register it must not ask the database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of the last quarter of a minute; where the database can't be read, only that it can't."""
        with self._reading:  # who asks meanwhile is told what is found
            if time.monotonic() - self._read_at >= KEPT_S:
                self._read = list(self._look())
                self._read_at = time.monotonic()
            return iter(self._read)

    def _look(self) -> Iterator[GaugeMetricFamily]:
        yield _gauge("build", "The version that runs.", {version("nightshift"): 1}, "version")
        try:
            figures = read_figures(self._engine)
            overdue = find_overdue(self._engine, self._settings) is not None
        except Exception as error:  # as of tables of another version: what else the process counts is told all the same
            said = error if isinstance(error, NightshiftError) else type(error).__name__
            _log.warning("The figures can't be read: %s", said)
            yield _gauge("database_up", "Whether the database can be read.", 0)
            return
        yield _gauge("database_up", "Whether the database can be read.", 1)
        yield _gauge("night_overdue", "Whether a night should have begun or ended long ago.", float(overdue))
        yield from _of_store(figures)


def _of_store(figures: Figures) -> Iterator[GaugeMetricFamily]:
    yield _gauge("documents", "Documents that are stored.", figures.documents)
    yield _gauge("passages", "Passages of them.", figures.chunks)
    if figures.generation_id is not None and figures.serving_since is not None:
        yield _gauge("generation", "The number of the generation that serves.", figures.generation_id)
        since = figures.serving_since.timestamp()
        yield _gauge("generation_since_timestamp_seconds", "Since when it does.", since)
    votes = {"up": figures.votes_up, "down": figures.votes_down}
    yield _gauge("votes", "Votes that stand.", votes, "value")
    yield _gauge("silences", "Questions that were not answered, as no document seemed to.", figures.silences)
    yield _gauge("wrong_silences", "Those of them that somebody answered since.", figures.wrong_silences)
    yield _gauge("waiting", "What waits for a process to take it up.", figures.waiting, "queue")
    runs = GaugeMetricFamily("nightshift_runs", "Nights and ranking runs that ended.", labels=["kind", "outcome"])
    for (kind, outcome), count in figures.runs.items():
        runs.add_metric([kind, outcome], count)
    yield runs
    ended = {kind: at.timestamp() for kind, at in figures.ended_at.items()}
    yield _gauge("run_ended_timestamp_seconds", "When the last one ended.", ended, "kind")
    stand = "Sources that are synced, by how they stand; one may have failed and be overdue."
    yield _gauge("sources", stand, figures.sources, "state")
    if figures.synced_at is not None:
        oldest = "When the source was synced whose last sync is the oldest, of those that the clock syncs."
        yield _gauge("oldest_sync_timestamp_seconds", oldest, figures.synced_at.timestamp())
    if figures.trial:
        yield _gauge("trial_questions", "Questions of the trial that goes on.", figures.trial, "of")
    days = f"Failures that people met in the last {FAILURE_DAYS} days."
    yield _gauge("recent_failures", days, figures.failures, "kind")


def _gauge(name: str, meaning: str, values: Mapping[str, float] | float, label: str | None = None) -> GaugeMetricFamily:
    """One value, or one for each value of a label."""
    if not isinstance(values, float | int):
        family = GaugeMetricFamily(f"nightshift_{name}", meaning, labels=[label or ""])
        for of, value in values.items():
            family.add_metric([of], value)
        return family
    return GaugeMetricFamily(f"nightshift_{name}", meaning, value=float(values))
