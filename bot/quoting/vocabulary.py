"""Words as quoting knows them: their lexemes, as the search does, and what they mean to the encoder that serves."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from db.models import Encoder, Scale, measure_encoder
from db.words import tokenizer_of

KEPT = 20_000
"""Words whose vectors are remembered: 30 MiB at 384 dimensions. A team's documents have few more that matter."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text's words: as lexemes, and as they are written, in small letters and without stop words."""

    lexemes: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()

    def __or__(self, other: Words) -> Words:
        return Words(self.lexemes | other.lexemes, self.written | other.written)


class Vocabulary:
    """One encoder's; it remembers words, and is safe to share between threads.

    Args:
        encoder: that which encoded the question.
        languages: those that are searched.
    """

    def __init__(self, encoder: Encoder, languages: tuple[str, ...], kept: int = KEPT) -> None:
        self.encoder = encoder
        self.languages = languages
        self.tokenizer = tokenizer_of(languages)
        self._vectors: LRUCache[str, NDArray[np.float32]] = LRUCache(kept)
        self._lock = threading.Lock()

    @cached_property
    def scale(self) -> Scale:
        """The encoder's."""
        return measure_encoder(self.encoder)

    def read(self, text: str) -> Words:
        """The words of a text."""
        written = re.findall(r"[^\W\d_]{2,}", text.casefold())
        return Words(
            frozenset(self.tokenizer.count(text).times),
            frozenset(word for word in written if self.tokenizer.forms(word)),
        )

    def vectors_of(self, words: Sequence[str]) -> NDArray[np.float32]:
        """What they mean by themselves: (n, width), of unit length or zero; only new ones are looked up."""
        with self._lock:
            known = {word: self._vectors[word] for word in words if word in self._vectors}
        lacking = [word for word in words if word not in known]
        known |= zip(lacking, self.encoder.look_up_words(lacking), strict=True)
        with self._lock:
            self._vectors.update((word, known[word].copy()) for word in lacking)
        return np.stack([known[word] for word in words]) if words else self.encoder.look_up_words(words)
