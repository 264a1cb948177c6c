"""What a cosine means to an encoder: each has a scale of its own.

Two texts that have nothing to do with each other have a cosine near 0 by all-MiniLM-L6-v2, and one of .7 by E5. What
is asked of texts that are to count as alike is therefore a share of the way from such texts to identical ones, which
is 1 by every encoder. By all-MiniLM-L6-v2 share and cosine are about the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

from db.models.vectors import VectorRows, in_parts

Floats = NDArray[np.float32] | NDArray[np.float64]
_QUANTILE = 0.05
"""Pairs of a corpus that have nothing in common; more do in most, but a corpus may be about one thing."""

_SAMPLE = 1000
"""Texts whose pairs are looked at, at most."""

_ENOUGH_PAIRS = 300
"""Those of 25 texts. With fewer it stays as much nearer to the usual scale: a handful may well be about the same."""

_ONE_TEXT = 0.95
"""No encoder puts unrelated texts as close as that: these are one text, and say nothing of it."""

_UNRELATED = (
    "The ferry to the island leaves at noon.",
    "Photosynthesis turns light into sugar.",
    "His grandmother knitted a red scarf.",
    "Interest rates rose by a quarter of a percent.",
    "The goalkeeper was sent off after an hour.",
    "A violin has four strings.",
    "Please restart the printer on the second floor.",
    "The treaty was signed in 1648.",
    "Add two eggs and a pinch of salt.",
    "Volcanoes form where plates of the crust meet.",
    "The court dismissed the appeal.",
    "Bees tell each other where the flowers are by dancing.",
    "Tyres should be changed before winter.",
    "The novel is told by an unreliable narrator.",
    "Vaccines train the immune system.",
    "A triangle has three sides.",
)


@dataclass(frozen=True, slots=True)
class Scale:
    """`unrelated` is the cosine of texts that have nothing to do with each other, from 0 to under 1.

    An encoder that spreads such texts around 0 or below has the usual scale, on which a share is a cosine.
    """

    unrelated: float = 0.0

    def at(self, share: float) -> float:
        """The cosine that is this share of the way from unrelated to identical; from -1, which is -1, up to 0 below."""
        return share + self.unrelated * (1 - abs(share))

    @overload
    def share_of(self, cosine: float) -> float: ...
    @overload
    def share_of(self, cosine: Floats) -> Floats: ...
    def share_of(self, cosine: float | Floats) -> float | Floats:
        """How much of that way a cosine is: the inverse of `at`."""
        above = (cosine - self.unrelated) / (1 - self.unrelated)
        below = (cosine - self.unrelated) / (1 + self.unrelated)
        return np.where(above > 0, above, below) if isinstance(cosine, np.ndarray) else above if above > 0 else below


USUAL_SCALE = Scale()


def measure_scale(vectors: VectorRows, others: VectorRows | None = None) -> Scale:
    """The scale of the encoder that made these vectors of a corpus's texts, by the least alike of their pairs.

    It depends on the vectors, not on their order. Few texts, or copies of one, have the usual scale.

    Args:
        vectors: `(n, dim)`, L2-normalised.
        others: `(m, dim)`, to pair each of `vectors` with, rather than with one another.
    """
    sample = _sample(vectors)
    if others is None:
        cosines = (sample @ sample.T)[np.triu_indices(len(sample), 1)]
    else:
        cosines = (sample @ _sample(others).T).ravel()
    cosines = cosines[np.isfinite(cosines)]
    if not cosines.size:
        return USUAL_SCALE
    return _lifted(float(np.quantile(cosines, _QUANTILE)), min(1.0, cosines.size / _ENOUGH_PAIRS))


class Encodes(Protocol):
    """What of an encoder is needed to know its scale; each gives `(n, dim)`, L2-normalised."""

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encodes questions."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encodes passages."""


def measure_encoder(encoder: Encodes) -> Scale:
    """The scale of questions and passages by an encoder alone, from sentences about all sorts of things."""
    cosines = encoder.encode_questions(_UNRELATED) @ encoder.encode_passages(_UNRELATED).T
    return _lifted(float(np.quantile(cosines[~np.eye(len(_UNRELATED), dtype=bool)], _QUANTILE)))


def _lifted(unrelated: float, certainty: float = 1.0) -> Scale:
    return Scale(certainty * unrelated) if 0 < unrelated < _ONE_TEXT else USUAL_SCALE


def _sample(vectors: VectorRows) -> NDArray[np.float32]:
    rows = np.arange(len(vectors))
    if len(vectors) > _SAMPLE:
        order = np.argsort(np.concatenate([part[:, 0].copy() for _, part in in_parts(vectors)]), kind="stable")
        rows = order[np.linspace(0, len(order) - 1, _SAMPLE).astype(np.int64)]
    return vectors[rows].astype(np.float32, copy=False)
