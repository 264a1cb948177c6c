"""An encoder's vectors kept by content in a file: what was encoded once is looked up by whoever comes next."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from db.models.encoder import Encoder

Vectors = NDArray[np.float32]

log = logging.getLogger(__name__)

_LOOKED_UP = 500
"""Keys of one query."""

_PATIENCE_S = 60
"""Until a file that another process writes to counts as one that can't be used."""


class KeptEncoder:
    """An encoder that looks up what was encoded before; all else is the encoder's own.

    The file holds digests of texts, with their vectors: none of a person's words goes there, whose vector would outlive
    them. Several processes may share it. One that can't be read or written costs time alone.

    Args:
        encoder: which encodes what isn't there.
        model: the same for encoders that make the same vectors.
        path: of the file; made if it isn't there.
    """

    def __init__(self, encoder: Encoder, model: str, path: Path) -> None:
        self._encoder, self._model, self._path = encoder, model, path

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the encoder has
        return getattr(self._encoder, name)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """As the encoder does."""
        return self._look_up("question", texts, self._encoder.encode_questions)

    def encode_passages(self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None) -> Vectors:
        """As the encoder does; `on_batch` hears of what is known once the rest is encoded."""
        encoded = 0

        def advance(n: int) -> None:
            nonlocal encoded
            encoded += n
            if on_batch is not None:
                on_batch(n)

        vectors = self._look_up("passage", texts, lambda missing: self._encoder.encode_passages(missing, advance))
        if on_batch is not None and encoded < len(texts):
            on_batch(len(texts) - encoded)
        return vectors

    def _look_up(self, kind: str, texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors]) -> Vectors:
        keys = [hashlib.sha256(f"{self._model}\x1f{kind}\x1f{text}".encode()).digest() for text in texts]
        kept = self._read(keys)
        missing = dict(own for own in zip(keys, texts, strict=True) if own[0] not in kept)
        if missing:
            made = dict(zip(missing, encode(list(missing.values())), strict=True))
            self._write(made)
            kept |= made
        return np.array([kept[key] for key in keys], dtype=np.float32).reshape(len(keys), self._encoder.dimension)

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        kept: dict[bytes, Vectors] = {}
        try:
            with self._open() as file:
                for start in range(0, len(keys), _LOOKED_UP):
                    some = keys[start : start + _LOOKED_UP]
                    marks = ", ".join("?" * len(some))
                    query = f"SELECT key, value FROM vector WHERE key IN ({marks})"  # noqa: S608 - marks alone
                    kept |= {key: np.frombuffer(value, dtype=np.float32) for key, value in file.execute(query, some)}
        except (OSError, sqlite3.Error) as error:
            log.warning("what is kept in %s can't be read (%s): it is encoded again", self._path, error)
        return kept

    def _write(self, made: Mapping[bytes, Vectors]) -> None:
        rows = [(key, vector.astype(np.float32).tobytes()) for key, vector in made.items()]
        try:
            with self._open() as file, file:
                file.executemany("INSERT OR IGNORE INTO vector VALUES (?, ?)", rows)
        except (OSError, sqlite3.Error) as error:
            log.warning("%s can't be written (%s): what goes there will be encoded again", self._path, error)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=_PATIENCE_S)) as file:
            file.execute("CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
            yield file
