"""What is planted is what it is called."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.trial.lists import VECTORS, WORDS
from benchmarks.trial.planted import Plant, plants
from tests.benchmarks.trial.small import make_listed


@pytest.mark.parametrize("plant", plants(make_listed()), ids=lambda own: own.name)
def test_the_gain_of_a_plant_is_the_one_between_its_sides(plant: Plant) -> None:
    listed = make_listed()
    draw = np.random.default_rng(0)
    gains = []
    for _ in range(200):
        for question, (incumbent, candidate) in zip(listed.questions, plant.sides(listed, draw), strict=True):
            gains.append(question.ndcg[candidate] - question.ndcg[incumbent])
    assert np.mean(gains) == pytest.approx(plant.gain(listed), abs=0.01)


def test_gaps_are_those_that_they_are_called_and_need_room() -> None:
    listed = make_listed()
    own = {plant.name: plant.gain(listed) for plant in plants(listed)}
    for gap in (0.02, 0.05, 0.1):
        assert own[f"+{gap}: more often the better list"] == pytest.approx(gap)
    assert own["equally good"] == 0
    assert not [plant for plant in plants(make_listed(worth=0.01)) if plant.name.startswith("+")]


def test_lists_differ_on_a_share_of_questions_where_there_are_enough_of_them() -> None:
    listed = make_listed(questions=1500)
    own = {plant.mixed: plant.gain(listed) for plant in plants(listed) if "share" in plant.name}
    assert own == {0.2: pytest.approx(0.1)}  # 300 questions; for +.05 it is 150


def test_where_nothing_is_mixed_each_side_has_its_own() -> None:
    listed = make_listed()
    draw = np.random.default_rng(0)
    assert set(Plant("", "better").sides(listed, draw)) == {(VECTORS, WORDS)}
    assert set(Plant("", "better", mixed=0.0).sides(listed, draw)) == {(VECTORS, VECTORS)}
    assert set(Plant("", "better", swapped=1.0).sides(listed, draw)) == {(WORDS, VECTORS)}
    assert set(Plant("", "no better", swapped=0.5).sides(listed, draw)) == {(WORDS, VECTORS), (VECTORS, WORDS)}
