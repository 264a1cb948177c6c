from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.peers.memory import recall_feedback
from benchmarks.quality.task import Vote
from tests.benchmarks.quality.small_task import make_task

VOTES = (Vote("ann", 0, 4, 1), Vote("bob", 0, 5, 1), Vote("ann", 0, 6, -1), Vote("ann", 1, 7, 1))


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def test_the_same_question_again_is_rocchio_with_its_own_judgements() -> None:
    task = make_task(votes=VOTES, golden=())
    asked, passages = task.question_vectors[:1], task.passage_vectors
    expected = unit(asked[0] + 0.75 * (passages[4] + passages[5]) / 2 - 0.15 * passages[6])
    np.testing.assert_allclose(recall_feedback(task, asked, threshold=0.99)[0], expected, atol=1e-6)


def test_golden_pairs_are_remembered_too() -> None:
    task = make_task(votes=(), golden=((0, (4,)),))
    asked = task.question_vectors[:1]
    expected = unit(asked[0] + 0.75 * task.passage_vectors[4])
    np.testing.assert_allclose(recall_feedback(task, asked, threshold=0.99)[0], expected, atol=1e-6)


def test_past_questions_weigh_by_their_cosine() -> None:
    vectors = make_task().question_vectors.copy()
    vectors[:2] = np.eye(16)[:2]
    asked = np.array([[0.8, 0.6, *[0] * 14]], np.float32)
    task = make_task(votes=(Vote("ann", 0, 4, 1), Vote("ann", 1, 7, 1)), golden=(), question_vectors=vectors)
    passages = task.passage_vectors
    expected = unit(asked[0] + 0.75 * (0.8 * passages[4] + 0.6 * passages[7]) / 1.4)
    np.testing.assert_allclose(recall_feedback(task, asked, threshold=0.5)[0], expected, atol=1e-6)


@pytest.mark.parametrize("reason", ["unlike", "forgotten"])
def test_what_is_unlike_or_forgotten_changes_nothing(reason: str) -> None:
    task = make_task(votes=VOTES, golden=())
    asked = task.question_vectors[:1]
    options = {"threshold": 1.1} if reason == "unlike" else {"threshold": -1.0, "forgotten": [0, 1]}
    np.testing.assert_allclose(recall_feedback(task, asked, **options), asked, atol=1e-6)
