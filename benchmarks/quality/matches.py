"""How well passages match questions by their words: sparse, for most passages have none of a question's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray


class Matched(NamedTuple):
    """Rows of passages, `(x,)`, and of each the words' score, above 0, and coverage, as `db.search` tells them."""

    passages: NDArray[np.int64]
    scores: NDArray[np.float64]
    coverage: NDArray[np.float64]


NOTHING_MATCHED = Matched(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0))


@dataclass(frozen=True, slots=True, eq=False)
class WordMatches:
    """For each question in its order the passages that have some of its words.

    Attributes:
        starts: `(n + 1,)`, where each question's part of the others begins, and where the last one's ends.
        passages: `(x,)`, rows of passages.
        scores: `(x,)`, theirs; a passage that isn't here has 0.
        coverage: `(x,)`, the shares of the question's words that they have, likewise.
    """

    starts: NDArray[np.int64]
    passages: NDArray[np.int64]
    scores: NDArray[np.float32]
    coverage: NDArray[np.float32]

    @classmethod
    def of(cls, matched: Iterable[Matched]) -> Self:
        """From what each question matched."""
        parts = [NOTHING_MATCHED, *matched]
        return cls(
            np.cumsum([len(own.passages) for own in parts], dtype=np.int64),
            np.concatenate([own.passages for own in parts]).astype(np.int64),
            np.concatenate([own.scores for own in parts]).astype(np.float32),
            np.concatenate([own.coverage for own in parts]).astype(np.float32),
        )

    def __len__(self) -> int:
        return len(self.starts) - 1

    def matched(self, question: int) -> Matched:
        """What a question matched."""
        own = slice(self.starts[question], self.starts[question + 1])
        return Matched(self.passages[own], self.scores[own].astype(np.float64), self.coverage[own].astype(np.float64))

    def scores_of(self, questions: Iterable[int], passages: int) -> NDArray[np.float32]:
        """`(len(questions), passages)`: the score of each passage for each of these questions."""
        rows = list(questions)
        scores = np.zeros((len(rows), passages), dtype=np.float32)
        for place, row in enumerate(rows):
            own = slice(self.starts[row], self.starts[row + 1])
            scores[place, self.passages[own]] = self.scores[own]
        return scores

    def followed_by(self, others: WordMatches) -> WordMatches:
        """These questions, and then the others."""
        return WordMatches(
            np.concatenate([self.starts, self.starts[-1] + others.starts[1:]]),
            np.concatenate([self.passages, others.passages]),
            np.concatenate([self.scores, others.scores]),
            np.concatenate([self.coverage, others.coverage]),
        )
