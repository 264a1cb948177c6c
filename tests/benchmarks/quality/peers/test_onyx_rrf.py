from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.matches import Matched, WordMatches
from benchmarks.quality.peers import onyx_rrf
from tests.benchmarks.quality.small_task import make_task


def test_meaning_weighs_more_than_words() -> None:
    words = Matched(np.array([7, 9]), np.array([2.0, 1.9]), np.ones(2))
    task = make_task(words=WordMatches.of([words] * 120))
    cosines = task.question_vectors[task.held_out[0]] @ task.passage_vectors.T
    place = 1 + np.argsort(np.argsort(-cosines))
    expected = np.where(cosines > 0, 1.3 / (50 + place), 0)
    expected[[7, 9]] += [1 / 51, 1 / 52]
    assert onyx_rrf.rank(task)[0] == pytest.approx(expected, rel=1e-5)
