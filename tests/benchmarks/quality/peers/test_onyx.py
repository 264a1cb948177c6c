"""Each side counts from its lowest to its highest, as OpenSearch scales them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.matches import NOTHING_MATCHED, Matched, WordMatches
from benchmarks.quality.peers import onyx
from tests.benchmarks.quality.small_task import make_task


def test_half_of_each_side_from_its_lowest_to_its_highest() -> None:
    words = Matched(np.array([7, 9, 20]), np.array([2.0, 1.5, 1.0]), np.ones(3))
    task = make_task(words=WordMatches.of([words] * 120))
    cosines = (task.question_vectors[task.held_out] @ task.passage_vectors.T)[0]
    found = cosines[cosines > 0]
    of_cosine = np.maximum((cosines - found.min()) / (found.max() - found.min()), 0.001) * (cosines > 0)
    scores = onyx.rank(task)[0]
    assert scores[[7, 9, 20]] == pytest.approx(0.5 * of_cosine[[7, 9, 20]] + 0.5 * np.array([1, 0.5, 0.001]), abs=1e-6)
    others = np.setdiff1d(np.arange(60), [7, 9, 20])
    assert scores[others] == pytest.approx(0.5 * of_cosine[others], abs=1e-6)


def test_only_the_best_of_a_side_have_anything_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onyx, "CANDIDATES", 5)
    task = make_task(words=WordMatches.of([NOTHING_MATCHED] * 120))
    scores = onyx.rank(task)
    assert ((scores > 0).sum(axis=1) == 5).all()
    assert scores.max(axis=1) == pytest.approx(0.5)


def test_what_one_passage_alone_has_counts_in_full() -> None:
    alone = Matched(np.array([7]), np.array([0.1]), np.ones(1))
    task = make_task(words=WordMatches.of([alone] * 120), passage_vectors=np.zeros((60, 16), np.float32))
    assert onyx.rank(task)[:, 7].tolist() == [0.5] * 40
