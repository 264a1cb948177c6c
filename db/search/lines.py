"""How near a question is to single lines of passages: a second look at what says little of it as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

_SHORTEST = 12
"""Characters of a line that can answer anything."""


def nearest_line(
    vector: NDArray[np.float32], texts: Sequence[str], encode: Callable[[Sequence[str]], NDArray[np.float32]]
) -> float:
    """The highest cosine of a question's `vector` (dim,) and a sentence, list item or table row of these texts.

    −1 where there is none; `encode` gives `(n, dim) float32, L2-normalised`.
    """
    lines = list(dict.fromkeys(line for text in texts for line in _split(text)))
    return float((encode(lines) @ vector).max()) if lines else -1.0


def _split(text: str) -> list[str]:
    return [line for line in re.split(r"(?<=[.!?])\s+|\n+", text) if len(line.strip()) > _SHORTEST]
