"""By what a question is answered: what serves and its encoder, or the one before where that model can't be used."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from db.errors import DatabaseUnavailableError, ModelError
from db.generations.encoders import Encoders
from db.generations.generation import Generation
from db.generations.roles import answering, generations_by_role
from db.store import count_failure

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.models import SentenceEncoder

RETRY_AFTER_S = 60.0
"""Seconds after which a model that was refused is looked at again: its files may have been put back."""

_log = logging.getLogger(__name__)


class Pins:
    """Gives each question a generation with its own encoder; safe to share between threads.

    A model whose files are gone, or aren't those that were recorded, is refused: that is logged and counted, and
    `refused` says so while it lasts. One that has yet to come by the database is fetched while the other answers.
    """

    def __init__(self, engine: sa.Engine, encoders: Encoders, retry_after_s: float = RETRY_AFTER_S) -> None:
        self._engine = engine
        self._encoders = encoders
        self._retry_after_s = retry_after_s
        self._refused: dict[int, tuple[float, ModelError]] = {}
        self._fetching: set[int] = set()
        self._lock = threading.Lock()

    @property
    def refused(self) -> dict[int, str]:
        """Why which generation's model can't be used."""
        with self._lock:
            return {generation_id: str(error) for generation_id, (_, error) in self._refused.items()}

    def pin(self) -> tuple[Generation, SentenceEncoder]:
        """The serving generation and its encoder; where that can't be used, the one to roll back to and its own.

        Both know every document.

        Raises:
            EmptyCorpusError: nothing was ever ingested.
            ModelError: neither can be used.
            DatabaseUnavailableError: it can't be told which one serves.
        """
        return self.choose(answering(generations_by_role(self._engine)))

    def choose(self, generations: Sequence[Generation]) -> tuple[Generation, SentenceEncoder]:
        """The same of `answering` generations that were read before, the serving one first.

        Raises:
            ModelError: none of them can be used.
            DatabaseUnavailableError: none is here, and the database can't be reached.
        """
        absent = [generation for generation in generations if self._encoders.has_to_fetch(generation)]
        for generation in generations:
            if generation in absent:
                self._fetch_beside(generation)
            elif (encoder := self._try(generation)) is not None:
                return generation, encoder
        for generation in absent:  # nothing else can answer, so this one waits for it
            if (encoder := self._try(generation)) is not None:
                return generation, encoder
        with self._lock:
            _, error = self._refused[generations[0].id]
        raise error

    def beside(self, generation: Generation) -> SentenceEncoder | None:
        """The encoder of one that answers beside what serves, if it is here; it is never waited for.

        Raises:
            DatabaseUnavailableError: the database can't be reached.
        """
        if self._encoders.has_to_fetch(generation):
            self._fetch_beside(generation)
            return None
        return self._try(generation)

    def _fetch_beside(self, generation: Generation) -> None:
        """Has its model fetched and loaded, once at a time, while others answer."""
        with self._lock:
            if generation.artefact_id in self._fetching:
                return
            self._fetching.add(generation.artefact_id)
        threading.Thread(target=self._fetch, args=(generation,), daemon=True).start()

    def _fetch(self, generation: Generation) -> None:
        try:
            self._try(generation)
        except DatabaseUnavailableError as error:
            _log.warning("The model of generation %d is fetched later: %s", generation.id, error)
        finally:
            with self._lock:
                self._fetching.discard(generation.artefact_id)

    def _try(self, generation: Generation) -> SentenceEncoder | None:
        with self._lock:
            since, _ = self._refused.get(generation.id, (None, None))
        if since is not None and time.monotonic() - since < self._retry_after_s:
            return None
        try:
            encoder = self._encoders.get(generation)
        except ModelError as error:
            with self._lock:
                self._refused[generation.id] = time.monotonic(), error
            self._tell(generation, error)
            return None
        with self._lock:
            self._refused.pop(generation.id, None)
        return encoder

    def _tell(self, generation: Generation, error: ModelError) -> None:
        _log.error("The model of generation %d can't be used, so another answers: %s", generation.id, error)
        try:
            count_failure(self._engine, f"model of generation {generation.id} refused")
        except DatabaseUnavailableError:
            _log.error("That wasn't counted.")
