"""Vectors as an encoder with another scale would have made them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from db.models import Encoder


def lifted(vectors: NDArray[np.float32], unrelated: float) -> NDArray[np.float32]:
    """`(n, dim + 1)`: each cosine c is now `unrelated + c (1 - unrelated)`, as E5's are: one direction is common."""
    common = np.full((len(vectors), 1), np.sqrt(unrelated), dtype=np.float32)
    return np.concatenate([vectors * np.float32(np.sqrt(1 - unrelated)), common], axis=1)


class Lifted:
    """An encoder whose vectors are `lifted`."""

    def __init__(self, encoder: Encoder, unrelated: float) -> None:
        self._encoder, self._unrelated = encoder, unrelated
        self.dimension = encoder.dimension + 1

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return lifted(self._encoder.encode_questions(texts), self._unrelated)

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        return lifted(self._encoder.encode_passages(texts, on_batch), self._unrelated)

    def look_up_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        return self._encoder.look_up_words(words)
