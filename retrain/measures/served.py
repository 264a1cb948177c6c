"""Questions as they are served: by words beside their vectors, and within the audiences that they were asked in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.search import WordScores

ScoreWords = Callable[[Sequence[str], Sequence[int] | None], Sequence[WordScores]]
"""The words' scores of each text, among the chunks that these audiences may see; None: among all there are."""


@dataclass(frozen=True, slots=True)
class AskedText:
    """What is looked up, and for whom: the ids of the audiences that may see it all; None: of all there are."""

    text: str
    audience_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """How questions are scored by their words, and what that weighs beside the cosine where it is served."""

    score: ScoreWords
    weight: float

    def of(self, asked: Sequence[AskedText]) -> list[WordScores]:
        """Each question's, in their order."""
        return score_asked(asked, self.score)


def score_asked(asked: Sequence[AskedText], score: ScoreWords) -> list[WordScores]:
    """Each question's scores by its words, in their order; those of the same audiences are scored at once."""
    found: dict[int, WordScores] = {}
    for audience_ids in dict.fromkeys(question.audience_ids for question in asked):
        own = [place for place, question in enumerate(asked) if question.audience_ids == audience_ids]
        found |= dict(zip(own, score([asked[place].text for place in own], audience_ids), strict=True))
    return [found[place] for place in range(len(asked))]


def no_words(texts: Sequence[str], audience_ids: Sequence[int] | None) -> list[WordScores]:
    """A `ScoreWords` that finds nothing."""
    nothing = WordScores(np.empty(0, np.int64), np.empty(0), np.empty(0))
    return [nothing for _ in texts]


WITHOUT_WORDS = Words(no_words, 0.0)
"""Vectors alone."""


def visible_to(audience_ids: Sequence[int] | None, audience_of_chunk: NDArray[np.int64]) -> NDArray[np.bool_]:
    """`(n,)` whether these audiences may see each chunk, by the chunks' own audiences `(n,)`; None: all are seen."""
    if audience_ids is None:
        return np.ones(len(audience_of_chunk), dtype=bool)
    return np.isin(audience_of_chunk, list(audience_ids))
