from __future__ import annotations

import numpy as np

from retrain.court.golden_set import Alike, find_alike, power_in_words


def test_pairs_that_ask_the_same_are_told_and_whether_they_contradict() -> None:
    prompts = [
        "How much leave?",
        "how much leave",
        "Who has keys?",
        "who has keys?!",
        "Where is lunch?",
        "where's lunch",
    ]
    vectors = np.eye(6, dtype=np.float32)
    vectors[5] = vectors[4]
    documents = [frozenset({1}), frozenset({1, 2}), frozenset({3}), frozenset({4}), frozenset({5}), frozenset[int]()]
    assert find_alike(prompts, vectors, documents) == [
        Alike((0, 1), contradict=False),
        Alike((2, 3), contradict=True),
        Alike((4, 5), contradict=False),
    ]
    assert find_alike([], np.empty((0, 6), dtype=np.float32), []) == []


def test_power_is_said_in_words() -> None:
    assert power_in_words(10) == (
        "10 golden questions judge, and at least 25 are needed to: about 30 more golden pairs would do."
    )
    assert power_in_words(75) == (
        "75 golden questions judge; they can show a gain of 0.08 in ndcg@10. "
        "About 360 more golden pairs would show 0.05."
    )
    assert power_in_words(75, 90).startswith("90 golden questions in 75 clusters judge; they can show a gain of 0.08")
    assert power_in_words(10, 40).startswith("40 golden questions in 10 clusters judge, and at least 25 are needed")
    assert power_in_words(10_000) == "10000 golden questions judge; they can show a gain of 0.01 in ndcg@10."
