"""Weights are fitted as the night fits them, and parts that are taken out are out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.quality import fitted
from benchmarks.quality.figures import score_task
from benchmarks.quality.fitted import FitParts, fit_weights, less, rank_fitted
from benchmarks.quality.lessons import judgements_of
from benchmarks.quality.matches import Matched, WordMatches
from benchmarks.quality.task import Task
from db.generations import FEATURES, SHIPPED
from retrain.ranking import FittingRules
from tests.benchmarks.quality.small_task import make_task


def where_words_tell() -> Task:
    """The words of each question find the passage that answers it."""
    task = make_task()
    right = [next(iter(gains)) * 2 for gains in task.relevant]
    words = [Matched(np.array([row, row + 1]), np.array([0.3, 0.3]), np.array([0.9, 0.9])) for row in right]
    return replace(task, words=WordMatches.of(words))


def test_what_tells_right_from_wrong_counts_more_and_lifts_what_nobody_asked() -> None:
    task = where_words_tell()
    found = fit_weights(task, judgements_of(task))
    assert found.why_not is None
    assert found.ranking.words > SHIPPED.words and found.ranking.coverage > SHIPPED.coverage
    both = rank_fitted(task, task.judging, SHIPPED), fitted.rank(task)
    before, after = (score_task(task, scores).means()["ndcg@10"] for scores in both)
    assert after > before + 0.05


def test_the_right_answers_of_what_judges_are_not_looked_at() -> None:
    task = where_words_tell()
    blind = replace(task, relevant=({},) * len(task.relevant))
    np.testing.assert_array_equal(fitted.rank(task), fitted.rank(blind))


def test_too_little_to_learn_from_leaves_the_weights_that_ship() -> None:
    task = make_task(votes=(), golden=((60, (5,)),))
    assert fit_weights(task, []).ranking == SHIPPED
    np.testing.assert_array_equal(fitted.rank(task), rank_fitted(task, task.judging, SHIPPED))


def test_features_that_are_taken_out_count_nothing_in_either() -> None:
    task = where_words_tell()
    without = fit_weights(task, judgements_of(task), FitParts(without=("words", "coverage"))).ranking
    assert (without.words, without.coverage) == (0, 0)
    assert less(SHIPPED, FEATURES[1:]) == replace(less(SHIPPED, FEATURES[1:]), meaning=1.0)
    assert fit_weights(task, [], FitParts(without=("pairs",), taught=())).ranking.pairs == 0 != SHIPPED.pairs


def test_the_ridge_and_what_nobody_was_shown_are_really_out() -> None:
    task = where_words_tell()
    told = judgements_of(task)
    ships = fit_weights(task, told)
    free = fit_weights(task, told, FitParts(fitting=FittingRules(worth_of=1e-6)))
    assert free.ranking.words + free.ranking.coverage > ships.ranking.words + ships.ranking.coverage
    shown = fit_weights(task, told, FitParts(against_unshown=False))
    assert shown.questions < ships.questions  # pairs were shown to nobody
    assert shown.ranking != ships.ranking


def test_only_what_is_taught_is_fitted_to() -> None:
    task = where_words_tell()
    told = judgements_of(task)
    counts = {taught: fit_weights(task, told, FitParts(taught=(taught,))).questions for taught in ("question", "pair")}
    assert sum(counts.values()) == fit_weights(task, told).questions
    assert min(counts.values()) > 0
