"""An encoder that encodes a text once, however often it is asked to: for both sides of a court that share it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from db.models import Encoder

Vectors = NDArray[np.float32]


class RememberingEncoder:
    """Gives the vectors that the one it stands for gives; it keeps them for as long as it is there itself."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._passages: dict[str, Vectors] = {}
        self._questions: dict[str, Vectors] = {}

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._encoder.dimension

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._remembered(texts, self._questions, self._encoder.encode_questions)

    def encode_passages(self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None) -> Vectors:
        """See `Encoder`; of what it remembers `on_batch` hears at once."""
        known = sum(text in self._passages for text in texts)
        if on_batch is not None and known:
            on_batch(known)
        return self._remembered(texts, self._passages, lambda new: self._encoder.encode_passages(new, on_batch))

    def look_up_words(self, words: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encoder.look_up_words(words)

    def _remembered(
        self, texts: Sequence[str], known: dict[str, Vectors], encode: Callable[[Sequence[str]], Vectors]
    ) -> Vectors:
        if new := [text for text in dict.fromkeys(texts) if text not in known]:
            known |= zip(new, encode(new), strict=True)
        return np.stack([known[text] for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)
