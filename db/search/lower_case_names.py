"""Names that people type without a capital, as "microsoft" or "spain", told by how an encoder takes single words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from db.models import Encoder

LANGUAGES = ("english",)
"""Whose ordinary words are known: a word of another one looks like a name."""

_RIDGE = 1e-2
_SURE = 0.1
"""From where, between −1 and 1, a word is a name: of words it never saw 83% of the names and 5% of the others are."""

_boundary_of: WeakKeyDictionary[Encoder, tuple[NDArray[np.float64], float]] = WeakKeyDictionary()


def are_names(words: Sequence[str], encoder: Encoder) -> list[bool]:
    """Which of these English words seem to name a company, place, person or product.

    They are encoded; the first time with an encoder so are some 420 short ones that it is told by.
    """
    if encoder not in _boundary_of:
        known = (encoder.encode_questions(read_words(kind)) for kind in ("names", "ordinary"))
        _boundary_of[encoder] = _separate(*known)
    direction, threshold = _boundary_of[encoder]
    vectors = encoder.encode_questions([re.sub("['’]s?$", "", word.lower()) for word in words])
    return [bool(sure > _SURE) for sure in vectors @ direction - threshold]


@cache
def read_words(kind: str) -> tuple[str, ...]:
    """The words that tell "names" from "ordinary" ones, each once."""
    return tuple((files("db.search") / f"{kind}.txt").read_text("utf-8").split())


def _separate(names: NDArray[np.float32], others: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
    """A direction, and from where along it a vector is rather one of `names`: a regularised linear discriminant.

    Least squares to ±1, both kinds weighing as much (Hastie, Tibshirani, Friedman: Elements of Statistical Learning,
    4.2 and 4.3).
    """
    vectors = np.concatenate([names, others]).astype(np.float64)
    kind = np.repeat([1.0, -1.0], [len(names), len(others)])
    weight = np.repeat([0.5 / len(names), 0.5 / len(others)], [len(names), len(others)])
    middle = weight @ vectors
    centred = vectors - middle
    spread = (centred * weight[:, None]).T @ centred + _RIDGE * np.eye(vectors.shape[1])
    direction = np.linalg.solve(spread, centred.T @ (weight * kind))
    return direction, float(middle @ direction)
