"""What is right is known by chunk id, with its copies, and never mined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from db.generations import StoredVectors
from db.search import WordScores
from retrain.lesson.labels import Anchor, Label
from retrain.lesson.mine import MiningRules
from retrain.lesson.negatives import Corpus, find_right, mine_for
from retrain.lesson.triplets import Positive
from retrain.measures import AskedText, Words
from tests.synthetic import unit_vectors

CHUNK_IDS = np.arange(100, 140)
VECTORS = np.concatenate([own := unit_vectors(20, 8, seed=1), own])  # the second half are copies
QUESTION = Anchor("question", 1)
CORPUS = Corpus(StoredVectors(CHUNK_IDS, np.ones(40, dtype=np.int64), VECTORS), {QUESTION: VECTORS[0]})
RULES = MiningRules(per_positive=3)


def test_vectors_and_rows_are_found_by_anchor_and_chunk() -> None:
    assert CORPUS.vectors_of([]).shape == (0, 8)
    assert CORPUS.vectors_of([QUESTION]).tolist() == [VECTORS[0].tolist()]
    assert CORPUS.rows_of([103, 100]) == [3, 0]
    assert 139 in CORPUS and 99 not in CORPUS and 140 not in CORPUS
    for gone in (99, 140):
        with pytest.raises(KeyError):
            CORPUS.rows_of([100, gone])


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


def test_what_is_served_by_words_to_those_who_asked_is_mined() -> None:
    asked: list[tuple[list[str], Sequence[int] | None]] = []

    def score(texts: Sequence[str], audience_ids: Sequence[int] | None) -> list[WordScores]:
        asked.append((list(texts), audience_ids))
        return [WordScores(np.array([103, 107, 999]), np.array([2.0, 2.0, 2.0]), np.ones(3)) for _ in texts]

    stored = CORPUS.stored._replace(audience_ids=np.where(CHUNK_IDS == 103, 2, 1))
    pair = Anchor("pair", 1)
    corpus = Corpus(stored, {pair: VECTORS[0]}, {pair: AskedText("what?", (1,))}, Words(score, 5.0))
    positive, right = Positive(pair, 100, 1.0, frozenset({100}), ()), {pair: frozenset({100, 120})}
    [mined] = mine_for([positive], right, corpus, corpus.vectors_of([pair]), RULES, seed=0)
    assert mined[0] == (107, "mined")
    assert 103 not in {chunk_id for chunk_id, _ in mined}
    assert asked == [(["what?"], (1,))]
