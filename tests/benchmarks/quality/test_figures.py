from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.quality.figures import p_vs, score_repeats, score_task, slice_questions
from benchmarks.quality.peers import untrained
from benchmarks.quality.task import Vote
from tests.benchmarks.quality.small_task import make_task


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="numbers"):
        score_task(make_task(), np.full((40, 60), np.nan, np.float32))


def test_a_question_is_voted_if_a_right_document_got_a_vote_on_any_chunk() -> None:
    task = replace(make_task(), votes=(Vote("ann", 0, 3, -1),), held_out=np.array([90, 91, 92]))
    relevant = list(task.relevant)
    relevant[90], relevant[91], relevant[92] = {1: 1.0, 8: 1.0}, {0: 1.0}, {1: 0.0, 8: 1.0}
    slices = slice_questions(replace(task, relevant=tuple(relevant)))
    assert slices["voted"].tolist() == [True, False, False]
    assert slices["never_voted"].tolist() == [False, True, True]


def test_p_is_small_for_a_steady_gain_and_near_a_half_for_luck() -> None:
    names = [f"q{row}" for row in range(50)]
    luck = np.random.default_rng(1).standard_normal(50)
    assert p_vs(names, luck + 3, luck) < 0.001
    assert 0.2 < p_vs(names, luck - luck.mean(), np.zeros(50)) < 0.8


def test_the_same_question_at_three_seeds_is_not_three_times_the_evidence() -> None:
    names = [f"q{row}" for row in range(4)]
    gains = np.array([1.0, 1.0, 1.0, 1.0])
    once = p_vs(names, gains, np.zeros(4))
    assert once == pytest.approx(1 / 16, abs=0.01)
    assert p_vs(names * 3, np.tile(gains, 3), np.zeros(12)) == once


def test_repeats_are_judged_apart_and_move_nothing_else() -> None:
    task = make_task()
    more = replace(task, held_out=task.held_out[:-5], repeats=task.held_out[-5:])
    scores = untrained.rank(more)
    values = score_task(task, untrained.rank(task)).measured["ndcg@10"]
    assert score_repeats(more, scores) == pytest.approx(values[-5:].mean())
    assert score_task(more, scores).measured["ndcg@10"].tolist() == values[:-5].tolist()
    assert score_repeats(task, untrained.rank(task)) is None
