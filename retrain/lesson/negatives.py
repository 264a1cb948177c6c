"""A lesson's negatives: what is right for which question, and what else the serving generation finds for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.generations import StoredVectors
from db.models import measure_scale
from retrain.lesson.labels import Anchor, Label
from retrain.lesson.mine import MiningRules, copies_of, mine_negatives, right_nearby
from retrain.lesson.triplets import Positive, TripletKind, known_positives


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is mined: the serving generation's vectors, and each question's vector `(dim,)` by the same encoder."""

    stored: StoredVectors
    questions: Mapping[Anchor, NDArray[np.float32]]
    row_of: Mapping[int, int]

    @classmethod
    def of(cls, stored: StoredVectors, questions: Mapping[Anchor, NDArray[np.float32]]) -> Corpus:
        """Finds each chunk's row."""
        return cls(stored, questions, {int(chunk_id): row for row, chunk_id in enumerate(stored.chunk_ids)})

    def vectors_of(self, anchors: Sequence[Anchor]) -> NDArray[np.float32]:
        """`(n, dim)`, also for n = 0."""
        if not anchors:
            return np.empty((0, self.stored.vectors.shape[1]), np.float32)
        return np.stack([self.questions[anchor] for anchor in anchors])

    def rows_of(self, chunk_ids: Sequence[int] | frozenset[int]) -> list[int]:
        """The rows of chunks that are there."""
        return [self.row_of[chunk_id] for chunk_id in chunk_ids]


def find_right(
    taught: Sequence[Label], corpus: Corpus, among: NDArray[np.float32], rules: MiningRules
) -> dict[Anchor, frozenset[int]]:
    """The chunks that are known to be right for each question that trains, or for one like it, and copies of them.

    `among`, `(n, dim)`, are the vectors of the lesson's questions, by which it is told what is alike.
    """
    rows = {anchor: corpus.rows_of(own) for anchor, own in known_positives(taught).items()}
    chunks = corpus.stored
    duplicate = measure_scale(chunks.vectors).at(rules.duplicate)
    copies = copies_of({row for own in rows.values() for row in own}, chunks.vectors, duplicate)
    right = {
        anchor: frozenset(int(chunks.chunk_ids[copy]) for row in own for copy in copies[row])
        for anchor, own in rows.items()
    }
    return right_nearby(right, corpus.questions, measure_scale(among).at(rules.similar_question))


def mine_for(
    positives: Sequence[Positive],
    right: Mapping[Anchor, frozenset[int]],
    corpus: Corpus,
    among: NDArray[np.float32],
    rules: MiningRules,
    *,
    seed: int,
) -> list[list[tuple[int, TripletKind]]]:
    """Each positive's mined negatives, by chunk id; never what `find_right` found, nor what people voted down.

    `among` is as for `find_right`; `seed` is of random negatives.
    """
    if not positives:
        return []
    chunks = corpus.stored
    found = mine_negatives(
        corpus.vectors_of([positive.anchor for positive in positives]),
        corpus.rows_of([positive.chunk_id for positive in positives]),
        chunks.vectors,
        [corpus.rows_of(right[positive.anchor]) for positive in positives],
        [corpus.rows_of(positive.wrong) for positive in positives],
        [positive.anchor.is_given for positive in positives],
        seed=seed,
        rules=rules,
        scale=measure_scale(among, chunks.vectors),
    )
    return [[(int(chunks.chunk_ids[n.row]), "random" if n.random else "mined") for n in own] for own in found]
