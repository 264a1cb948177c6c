"""The encoder of each generation, loaded when first needed and kept while it is in use."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

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
        self._encoders: dict[int, Future[SentenceEncoder]] = {}  # by artefact
        self._lock = threading.Lock()

    def get(self, generation: Generation) -> SentenceEncoder:
        """The generation's encoder; threads that ask for one at once wait for one load, the others for none.

        Raises:
            ModelError: its files are gone or can't be used.
            ModelTamperedError: its files are not those that were recorded.
        """
        with self._lock:
            encoder = self._encoders.pop(generation.artefact_id, None)
            is_first = encoder is None
            encoder = self._encoders[generation.artefact_id] = encoder or Future()
            while len(self._encoders) > KEPT:
                self._encoders.pop(next(iter(self._encoders)))
        if is_first:
            self._load(generation, encoder)
        return encoder.result()

    def _load(self, generation: Generation, encoder: Future[SentenceEncoder]) -> None:
        from db.models import load_encoder

        try:
            directory = artefact_directory(generation, self._settings)
            sha256, dtype = generation.artefact_sha256, generation.dtype
            encoder.set_result(load_encoder(directory, sha256=sha256, dtype=dtype, frozen=True))
        except BaseException as error:
            with self._lock:  # the next one to ask tries again
                if self._encoders.get(generation.artefact_id) is encoder:
                    del self._encoders[generation.artefact_id]
            encoder.set_exception(error)
