from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.peers.places import combine_sides, reciprocal_places
from tests.benchmarks.quality.small_task import make_task


def test_the_best_place_is_the_first_and_what_was_not_found_has_none() -> None:
    places = reciprocal_places(np.array([[0.2, 0.9, 0.0, -0.3]], np.float32), 60)
    assert places[0].tolist() == pytest.approx([1 / 62, 1 / 61, 0, 0])


def test_both_sides_are_those_of_the_questions_that_judge() -> None:
    task = make_task()
    cosines = combine_sides(task, lambda cosines, _: cosines)
    words = combine_sides(task, lambda _, words: words)
    np.testing.assert_array_equal(task.serve(cosines, 0.0), cosines)
    np.testing.assert_array_equal(words, task.words.scores_of(task.judging.tolist(), 60))
