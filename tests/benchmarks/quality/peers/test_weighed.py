from __future__ import annotations

import numpy as np

from benchmarks.quality.peers import golden_weight, untrained, weighed
from tests.benchmarks.quality.small_task import make_task


def test_the_words_count_what_all_pairs_choose_and_no_vote_matters() -> None:
    task = make_task()
    answers = {question: list(chunks) for question, chunks in task.golden}
    cosines = task.question_vectors[list(answers)] @ task.passage_vectors.T
    weight = golden_weight.choose_weight(task, answers, cosines)
    np.testing.assert_array_equal(weighed.rank(task), task.serve(untrained.rank(task), weight))
    np.testing.assert_array_equal(weighed.rank(task), weighed.rank(make_task(votes=())))


def test_without_pairs_it_is_what_ships() -> None:
    task = make_task(golden=())
    np.testing.assert_array_equal(weighed.rank(task), task.serve(untrained.rank(task)))
