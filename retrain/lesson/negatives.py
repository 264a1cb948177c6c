"""A lesson's negatives: what is right for which question, and what else the serving generation finds for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from db.generations import StoredVectors
from db.models import measure_scale
from retrain.lesson.labels import Anchor, Label
from retrain.lesson.mine import Beside, MiningRules, copies_of, mine_negatives, right_nearby
from retrain.lesson.triplets import Positive, TripletKind, known_positives
from retrain.measures import WITHOUT_WORDS, AskedText, Words, visible_to


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is mined: the serving generation's vectors, and each question's vector `(dim,)` by the same encoder.

    The vectors are by ascending chunk id. `asked` is what was looked up for each question, and for whom; those that
    lack saw everything, by vectors alone.
    """

    stored: StoredVectors
    questions: Mapping[Anchor, NDArray[np.float32]]
    asked: Mapping[Anchor, AskedText] = field(default_factory=dict)
    words: Words = WITHOUT_WORDS

    def __contains__(self, chunk_id: int) -> bool:
        """Whether it has a vector of this chunk."""
        row = np.searchsorted(self.stored.chunk_ids, chunk_id)
        return bool(row < len(self.stored.chunk_ids) and self.stored.chunk_ids[row] == chunk_id)

    def vectors_of(self, anchors: Sequence[Anchor]) -> NDArray[np.float32]:
        """`(n, dim)`, also for n = 0."""
        if not anchors:
            return np.empty((0, self.stored.vectors.shape[1]), np.float32)
        return np.stack([self.questions[anchor] for anchor in anchors])

    def rows_of(self, chunk_ids: Collection[int]) -> list[int]:
        """The rows of chunks that are there.

        Raises:
            KeyError: one isn't.
        """
        wanted = np.array(list(chunk_ids), np.int64)
        rows = np.searchsorted(self.stored.chunk_ids, wanted)
        if not np.array_equal(self.stored.chunk_ids.take(rows, mode="clip"), wanted):
            raise KeyError(wanted)
        return [int(row) for row in rows]

    def beside(self, anchors: Sequence[Anchor]) -> list[Beside]:
        """What these questions are served by beside their vectors."""
        asked = [self.asked.get(anchor, AskedText("")) for anchor in anchors]
        stored, found = self.stored, []
        for own, scores in zip(asked, self.words.of(asked), strict=True):
            rows = np.searchsorted(stored.chunk_ids, scores.chunk_ids)
            places = np.flatnonzero(np.append(stored.chunk_ids, -1)[rows] == scores.chunk_ids)
            seen = None if own.audience_ids is None else visible_to(own.audience_ids, stored.audience_ids)
            found.append(Beside(rows[places], self.words.weight * scores.scores[places], seen))
        return found


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
    chunks, anchors = corpus.stored, [positive.anchor for positive in positives]
    found = mine_negatives(
        corpus.vectors_of(anchors),
        corpus.rows_of([positive.chunk_id for positive in positives]),
        chunks.vectors,
        [corpus.rows_of(right[positive.anchor]) for positive in positives],
        [corpus.rows_of(positive.wrong) for positive in positives],
        [anchor.is_given for anchor in anchors],
        seed=seed,
        rules=rules,
        scale=measure_scale(among, chunks.vectors),
        beside=lambda start, stop: corpus.beside(anchors[start:stop]),
    )
    return [[(int(chunks.chunk_ids[n.row]), "random" if n.random else "mined") for n in own] for own in found]
