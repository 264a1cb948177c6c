from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.matches import NOTHING_MATCHED, WordMatches
from benchmarks.quality.peers import nudge, untrained
from tests.benchmarks.quality.small_task import make_task

pytest.importorskip("nudge", reason="needs the extra `benchmarks`")


def test_what_answers_comes_to_the_top_and_what_answers_nothing_stays(capsys: pytest.CaptureFixture[str]) -> None:
    # twenty questions on four passages, each of which lies nearer to another passage than to its own
    task = make_task(votes=(), golden=tuple((question, (question % 4,)) for question in range(60, 80)))
    vectors = task.question_vectors.copy()
    for question in (*range(60, 80), 80, 81, 82, 83):
        mixed = 0.6 * task.passage_vectors[question % 4] + 0.8 * task.passage_vectors[30 + question % 4]
        vectors[question] = mixed / np.linalg.norm(mixed)
    silent = WordMatches.of([NOTHING_MATCHED] * 120)
    task = make_task(votes=(), golden=task.golden, question_vectors=vectors, words=silent)
    before, after = untrained.rank(task), nudge.rank(task)
    assert before[:4].argmax(axis=1).tolist() == [30, 31, 32, 33]
    assert after[:4].argmax(axis=1).tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(after[:, 4:], before[:, 4:], atol=1e-6)
    assert capsys.readouterr().out == ""
