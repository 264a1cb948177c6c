"""The weight is the one by which pairs are ranked best, and no vote and no pair that was learnt has a say."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.matches import Matched, WordMatches
from benchmarks.quality.peers.golden_weight import WEIGHTS, choose_weight
from benchmarks.quality.task import Task
from tests.benchmarks.quality.small_task import make_task

GOLDEN = {60: [3], 61: [4]}


def found_by_words(chunk: int, score: float = 1.0) -> Task:
    golden = tuple((question, tuple(chunks)) for question, chunks in GOLDEN.items())
    return make_task(
        golden=golden, words=WordMatches.of([Matched(np.array([chunk]), np.array([score]), np.ones(1))] * 120)
    )


def cosines(right: float, wrong: float) -> np.ndarray:
    scores = np.zeros((2, 60), np.float32)
    scores[[0, 1], [3, 4]] = right
    scores[:, 9] = wrong
    return scores


def test_what_words_find_makes_them_count_and_what_they_find_amiss_makes_them_count_for_nothing() -> None:
    task = found_by_words(3)
    scores = cosines(0.2, 0.6)[:1]
    assert choose_weight(task, {60: [3]}, scores) == 0.5  # the nearest to .35 that lifts it by .4
    astray = found_by_words(9)
    assert choose_weight(astray, GOLDEN, cosines(0.5, 0.48)) == 0.0


def test_a_draw_is_for_the_weight_that_ships() -> None:
    assert choose_weight(found_by_words(30, 0.01), GOLDEN, cosines(0.9, 0.1)) == 0.35 in WEIGHTS


@pytest.mark.parametrize("answers", [{}, {5: [9]}])
def test_votes_choose_nothing(answers: dict[int, list[int]]) -> None:
    assert choose_weight(found_by_words(3), answers, cosines(0.2, 0.6)[: len(answers)]) == 0.35


def test_only_the_rows_of_pairs_are_looked_at() -> None:
    task = found_by_words(3)
    scores = np.concatenate([cosines(0.9, 0.1)[:1], cosines(0.2, 0.6)[:1]])
    assert choose_weight(task, {5: [30], 60: [3]}, scores) == 0.5
