from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.peers.development import mean_ndcg, split_by_question

PAIRS = [(question, chunk) for question in range(50) for chunk in (question, question + 1)]


def test_a_fifth_of_the_questions_with_all_their_chunks_is_set_aside() -> None:
    train, development = split_by_question(PAIRS, seed=3)
    assert (len(train), len(development)) == (40, 10)
    assert {**train, **development} == {question: [question, question + 1] for question in range(50)}


def test_the_seed_decides() -> None:
    assert split_by_question(PAIRS, seed=3) == split_by_question(PAIRS, seed=3) != split_by_question(PAIRS, seed=4)


@pytest.mark.parametrize(("questions", "sizes"), [(0, (0, 0)), (1, (1, 0)), (2, (1, 1)), (3, (2, 1))])
def test_few_questions(questions: int, sizes: tuple[int, int]) -> None:
    train, development = split_by_question(PAIRS[: 2 * questions], seed=0)
    assert (len(train), len(development)) == sizes


def test_mean_ndcg_is_over_passages() -> None:
    vectors = np.eye(4, dtype=np.float32)
    assert mean_ndcg(vectors[:2], {9: [0], 7: [1]}) == 1
    scores = np.array([[1, 0.5, 0, 0]], np.float32)
    assert mean_ndcg(scores, {9: [1]}) == pytest.approx(1 / np.log2(3))
