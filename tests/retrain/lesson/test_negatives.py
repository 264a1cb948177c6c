"""What is right is known by chunk id, with its copies, and never mined."""

from __future__ import annotations

import numpy as np

from db.generations import StoredVectors
from retrain.lesson.labels import Anchor, Label
from retrain.lesson.mine import MiningRules
from retrain.lesson.negatives import Corpus, find_right, mine_for
from retrain.lesson.triplets import Positive
from tests.synthetic import unit_vectors

CHUNK_IDS = np.arange(100, 140)
VECTORS = np.concatenate([own := unit_vectors(20, 8, seed=1), own])  # the second half are copies
QUESTION = Anchor("question", 1)
CORPUS = Corpus.of(StoredVectors(CHUNK_IDS, np.ones(40, dtype=np.int64), VECTORS), {QUESTION: VECTORS[0]})
RULES = MiningRules(per_positive=3)


def test_vectors_and_rows_are_found_by_anchor_and_chunk() -> None:
    assert CORPUS.vectors_of([]).shape == (0, 8)
    assert CORPUS.vectors_of([QUESTION]).tolist() == [VECTORS[0].tolist()]
    assert CORPUS.rows_of([103, 100]) == [3, 0]


def test_a_copy_of_what_is_right_is_right() -> None:
    taught = [Label(QUESTION, 100, 1, 1.0), Label(QUESTION, 105, -1, 1.0)]
    assert find_right(taught, CORPUS, CORPUS.vectors_of([QUESTION]), RULES) == {QUESTION: {100, 120}}


def test_neither_what_is_right_nor_what_people_voted_down_is_mined() -> None:
    nearest = (CHUNK_IDS[np.argsort(-(VECTORS @ VECTORS[0]), kind="stable")]).tolist()
    assert nearest[:2] == [100, 120]
    voted = tuple(nearest[2:4])
    positive = Positive(QUESTION, 100, 1.0, frozenset({100}), voted)
    among = CORPUS.vectors_of([QUESTION])
    [mined] = mine_for([positive], {QUESTION: frozenset({100, 120})}, CORPUS, among, RULES, seed=0)
    assert len(mined) == 3
    assert not {chunk_id for chunk_id, _ in mined} & {100, 120, *voted}
    assert mine_for([], {}, CORPUS, among, RULES, seed=0) == []
