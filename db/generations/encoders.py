"""The encoder of each generation, loaded when first needed and kept while it is in use."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from cachetools import LRUCache, cachedmethod

from db.errors import ModelError
from db.generations.generation import Generation

if TYPE_CHECKING:
    from db.models import SentenceEncoder
    from db.settings import Settings

KEPT = 2
"""Encoders in memory: the serving generation's, and the one before or after a swap."""


def artefact_directory(generation: Generation, settings: Settings) -> Path:
    """Where a generation's model files are: `base:NAME` is the base model, `data:NAME` a folder the nights made.

    Raises:
        ModelError: the address is of another kind, or leads out of the models folder.
    """
    kind, _, name = generation.artefact_uri.partition(":")
    if kind == "base":
        from db.models import find_base_model

        return find_base_model(name)[0]
    directory = (settings.models_dir / name).resolve()
    if kind != "data" or directory.parent != settings.models_dir.resolve():
        raise ModelError(f"Generation {generation.id} names its model in a way that can't be used.")
    return directory


class Encoders:
    """Gives each generation the encoder that made its vectors, hash-checked; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
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
        """
        from db.models import load_encoder

        directory = artefact_directory(generation, self._settings)
        return load_encoder(directory, sha256=generation.artefact_sha256, dtype=generation.dtype, frozen=True)
