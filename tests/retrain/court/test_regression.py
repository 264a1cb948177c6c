from __future__ import annotations

import pytest

from retrain.court.regression import RegressionSet
from tests.synthetic import HashingEncoder


def test_questions_find_the_documents_that_hold_their_own_words() -> None:
    passages = tuple(f"passage {number}" for number in range(40))
    found = RegressionSet(
        passages, tuple(number // 2 for number in range(40)), ("passage 7", "passage 30"), ({3: 1.0}, {15: 1.0})
    )
    done: list[int] = []
    assert found.score(HashingEncoder(), done.append) == pytest.approx([1.0, 1.0])
    assert sum(done) == 40
    wrong = RegressionSet(passages, found.document_of_passage, ("passage 7",), ({99: 1.0},))
    assert wrong.score(HashingEncoder()) == pytest.approx([0.0])
