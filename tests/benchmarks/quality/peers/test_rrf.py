from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.matches import NOTHING_MATCHED, Matched, WordMatches
from benchmarks.quality.peers import rrf
from tests.benchmarks.quality.small_task import make_task


def test_places_count_and_not_by_how_much() -> None:
    task = make_task(words=WordMatches.of([Matched(np.array([7, 9]), np.array([2.0, 1.9]), np.ones(2))] * 120))
    asked = task.question_vectors[task.held_out[0]] @ task.passage_vectors.T
    place = 1 + int((asked > asked[9]).sum())
    assert asked[9] <= 0 or rrf.rank(task)[0, 9] == pytest.approx(1 / (60 + place) + 1 / 62, rel=1e-5)
    best = int(np.argmax(asked))
    assert best in (7, 9) or rrf.rank(task)[0, best] == pytest.approx(1 / 61, rel=1e-5)


def test_what_neither_side_finds_has_nothing() -> None:
    task = make_task(words=WordMatches.of([NOTHING_MATCHED] * 120))
    scores = rrf.rank(task)
    assert ((scores == 0) == (task.question_vectors[task.held_out] @ task.passage_vectors.T <= 0)).all()
