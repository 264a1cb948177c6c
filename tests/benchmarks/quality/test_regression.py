from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.quality.figures import score_regression, score_task
from benchmarks.quality.peers import untrained
from benchmarks.quality.regression import add_regression
from benchmarks.quality.task import Task
from db.search import Written
from retrain.court import RegressionSet
from tests.benchmarks.quality.peers.test_peers import PEERS
from tests.benchmarks.quality.small_task import DIMENSION, make_task
from tests.synthetic import unit_vectors

KNOWN = RegressionSet(
    passages=tuple(f"Of another kind {row}" for row in range(30)),
    document_of_passage=tuple(100 + row // 2 for row in range(30)),
    questions=tuple(f"And what of {row}?" for row in range(15)),
    relevant=tuple({100 + row: 1.0} for row in range(15)),
    written=tuple(Written("", "", f"Of another kind {row}") for row in range(30)),
)


class Blurred:
    """Knows the set: a question's vector is near its document's second passage."""

    passages = unit_vectors(30, DIMENSION, seed=5)

    def encode_passages(self, texts: object) -> np.ndarray:
        return self.passages

    def encode_questions(self, texts: object) -> np.ndarray:
        return self.passages[1::2]


def with_set(task: Task) -> Task:
    return add_regression(task, KNOWN, Blurred())  # type: ignore[arg-type]


def test_the_set_is_judged_among_its_own_passages_and_moves_nothing_else() -> None:
    task, more = make_task(), with_set(make_task())
    scores = untrained.rank(more)
    assert scores.shape == (len(task.held_out) + 15, len(task.passages) + 30)
    assert score_regression(more, scores) == 1.0
    alone = score_task(task, untrained.rank(task)).measured["ndcg@10"]
    assert score_task(more, scores).measured["ndcg@10"].tolist() == alone.tolist()
    assert score_regression(task, untrained.rank(task)) is None


@pytest.mark.parametrize("peer", sorted(PEERS))
def test_peers_rank_it_and_learn_nothing_from_it(peer: str) -> None:
    task, more = make_task(), with_set(make_task())
    scores = PEERS[peer].rank(more)
    found = score_regression(more, scores)
    assert found is not None and found > 0.5
    alone = PEERS[peer].rank(task)
    np.testing.assert_allclose(scores[: len(task.held_out), : len(task.passages)], alone, atol=1e-6)


def test_its_words_find_its_own_passages_alone() -> None:
    task, more = make_task(), with_set(make_task())
    words = more.words.scores_of(more.judging.tolist(), len(more.passages))
    assert (words[: len(task.held_out), len(task.passages) :] == 0).all()
    assert (words[len(task.held_out) :, : len(task.passages)] == 0).all()
    own = words[len(task.held_out) :, len(task.passages) :]
    assert (own.argmax(axis=1) == np.arange(15)).all()  # the passage that has the question's number
    assert (own > 0).any(axis=1).all()


def test_what_nothing_answers_is_not_judged() -> None:
    more = with_set(make_task())
    relevant = list(more.relevant)
    relevant[int(more.regression[-1])] = {}
    assert score_regression(replace(more, relevant=tuple(relevant)), untrained.rank(more)) == 1.0
