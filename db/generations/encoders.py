"""The encoder of each generation, loaded when first needed and kept while it is in use."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from cachetools import LRUCache, cachedmethod

from db.errors import ModelError
from db.generations.artefacts import artefact_directory, fetch_model
from db.generations.generation import Generation

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.models import SentenceEncoder
    from db.settings import Settings

KEPT = 2
"""Encoders in memory: the serving generation's, and the one before or after a swap, or on trial."""


class Encoders:
    """Gives each generation the encoder that made its vectors, hash-checked; safe to share between threads.

    A model that isn't in the models folder comes by way of `engine`'s database, where one is given and has it.
    """

    def __init__(self, settings: Settings, engine: sa.Engine | None = None) -> None:
        self._settings = settings
        self._engine = engine
        self._encoders: LRUCache[int, SentenceEncoder] = LRUCache(KEPT)  # by artefact
        self._changed = threading.Condition()

    @cachedmethod(
        lambda self: self._encoders,
        key=lambda self, generation: generation.artefact_id,
        condition=lambda self: self._changed,
    )
    def get(self, generation: Generation) -> SentenceEncoder:
        """The generation's encoder; threads that ask for one at once wait for one load, the others for none.

        Raises:
            ModelError: its files are gone or can't be used.
            ModelTamperedError: its files are not those that were recorded.
            DatabaseUnavailableError: they have to be fetched, and the database can't be reached.
        """
        from db.models import load_encoder

        if self._engine is None or not generation.is_trained:
            directory = artefact_directory(generation, self._settings)
        else:
            directory = fetch_model(self._engine, generation, self._settings)
        return load_encoder(directory, sha256=generation.artefact_sha256, dtype=generation.dtype, frozen=True)

    def has_to_fetch(self, generation: Generation) -> bool:
        """Whether its encoder isn't here yet and may come by the database, which takes more than a moment."""
        if self._engine is None or not generation.is_trained or generation.artefact_id in self._encoders:
            return False
        try:
            return not artefact_directory(generation, self._settings).is_dir()
        except ModelError:  # no fetching helps: whoever asks for it is told, and the other one goes on answering
            return False
