"""The regression set: questions of another kind than a team's own, on which a candidate must not fall far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.models import Encoder
from retrain.measures import ndcg_at_k, rank_in_blocks


@dataclass(frozen=True, slots=True)
class RegressionSet:
    """A fixed set, the same for every night.

    `passages` are as they are encoded, `document_of_passage` says which document (≥ 0) each belongs to, and
    `relevant` has the right documents of each of `questions`, with their gains.
    """

    passages: tuple[str, ...]
    document_of_passage: tuple[int, ...]
    questions: tuple[str, ...]
    relevant: tuple[Mapping[int, float], ...]

    def score(self, encoder: Encoder, on_batch: Callable[[int], None] | None = None) -> NDArray[np.float64]:
        """`(n_questions,)` ndcg@10 over documents; `on_batch` gets the number of passages of each batch encoded."""
        passages = encoder.encode_passages(self.passages, on_batch)
        documents = np.array(self.document_of_passage, dtype=np.int64)
        ranked = rank_in_blocks(encoder.encode_questions(self.questions), passages, documents)
        return ndcg_at_k(ranked, self.relevant)


FindRegressionSet = Callable[[], RegressionSet | None]
"""Called by a night when it has a candidate to judge; None where there is no such set, or it is what is learnt from."""
