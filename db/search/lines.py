"""How near a question is to single lines of passages: a second look, where sources as a whole don't decide."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from db.models import EncodedQuestion
from db.words import Tokenizer

MOST_LINES = 64
"""Lines that are encoded: the sources of a question have some 80, pages of tables many more."""

_SHORTEST = 12
"""Characters of a line that can answer anything."""


def nearest_line(
    question: EncodedQuestion,
    texts: Sequence[str],
    encode: Callable[[Sequence[str]], NDArray[np.float32]],
    tokenizer: Tokenizer,
) -> float:
    """The highest cosine of a question and a sentence, list item or table row of these texts.

    Of many lines those count that have most of the question's words, the first of equal ones.

    Args:
        question: with its vector by the encoder that `encode` asks.
        texts: the best first.
        encode: gives `(n, dim) float32, L2-normalised`; is asked once, or never if there is no line.
        tokenizer: of the words.

    Returns:
        −1 where there is no line.
    """
    asked = {form for forms in tokenizer.forms(question.text) for form in forms}
    lines = list(dict.fromkeys(line for text in texts for line in _split(text)))
    lines.sort(key=lambda line: -len(asked & tokenizer.count(line).times.keys()))
    return float((encode(lines[:MOST_LINES]) @ question.vector).max()) if lines else -1.0


def _split(text: str) -> list[str]:
    return [line for line in re.split(r"(?<=[.!?])\s+|\n+", text) if len(line.strip()) > _SHORTEST]
