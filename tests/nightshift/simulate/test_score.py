"""What generations are worth on held-out questions."""

from __future__ import annotations

import numpy as np

from nightshift.simulate.dataset import DataSet, Document
from nightshift.simulate.score import score_vectors

DATASET = DataSet(
    "tiny",
    tuple(Document(f"d{number}", "", "text") for number in range(3)),
    {"q0": "a", "q1": "b", "q2": "c"},
    {"q0": {"d0": 1.0}, "q1": {"d2": 1.0, "gone": 1.0}, "q2": {"gone": 1.0}},
)


def test_a_document_is_as_good_as_its_best_passage_and_what_is_not_there_is_missed() -> None:
    passages = np.array([[0, 1], [1, 0], [0.6, 0.8], [0.9, 0.1]], dtype=np.float32)
    questions = np.array([[1, 0], [0.6, 0.8], [1, 0]], dtype=np.float32)
    scored = score_vectors(passages, ["d0", "d1", "d2", "d0"], questions, DATASET, ["q0", "q1", "q2"])
    assert scored.first.tolist() == [2, 1, 0]
    assert scored.measured["mrr@10"].tolist() == [0.5, 1.0, 0.0]
    assert scored.measured["recall@10"].tolist() == [1.0, 0.5, 0.0]
    assert scored.means()["mrr@10"] == 0.5
