from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.figures import score_task
from benchmarks.quality.peers import golden_weight, linear_adapter, untrained
from benchmarks.quality.peers.development import group_by_question
from benchmarks.quality.said import positives
from tests.benchmarks.quality.small_task import make_task


def test_it_learns_the_turn_between_questions_and_passages() -> None:
    task = make_task()
    both = task.serve(untrained.rank(task)), linear_adapter.rank(task)
    before, after = (score_task(task, scores).means()["ndcg@10"] for scores in both)
    assert after > before + 0.05


def test_only_a_question_s_first_positive_counts_and_nothing_is_drawn() -> None:
    task = make_task()
    answers = group_by_question(positives(task))
    first = {question: chunks[:1] for question, chunks in answers.items()}
    more = {question: [*chunks[:1], 0, 1] for question, chunks in answers.items()}
    adapters = [linear_adapter.train_adapter(task, each, rate=1e-3) for each in (first, more)]
    np.testing.assert_array_equal(*adapters)


def test_a_step_is_no_longer_than_the_rate_and_warm_up_begins_at_nothing() -> None:
    task = make_task()
    answers = group_by_question(positives(task)[:10])
    adapter = linear_adapter.train_adapter(task, answers, rate=1e-3)
    # one batch, four epochs, no step of warm-up: 1 + 3/4 + 2/4 + 1/4 steps of Adam
    assert np.abs(adapter - np.eye(16)).max() == pytest.approx(2.5e-3, rel=0.05)


def test_a_draw_on_the_development_questions_leaves_the_default_rate_and_the_weight_that_ships(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = make_task()
    for module in (linear_adapter, golden_weight):
        monkeypatch.setattr(module, "mean_ndcg", lambda *arguments: 0.5)
    adapter = linear_adapter.train_adapter(task, group_by_question(positives(task)), rate=2e-5)
    adapted = task.question_vectors[task.held_out] @ adapter.T
    adapted /= np.linalg.norm(adapted, axis=1, keepdims=True)
    expected = task.serve(adapted @ task.passage_vectors.T)
    np.testing.assert_allclose(linear_adapter.rank(task), expected, atol=1e-6)
