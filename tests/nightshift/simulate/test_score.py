"""What the answers to held-out questions are worth."""

from __future__ import annotations

import numpy as np
import pytest

from db.search import Found, FoundDocument
from nightshift.simulate.dataset import DataSet, Document
from nightshift.simulate.score import Scored, measure, score_served
from retrain.court import Served

DATASET = DataSet(
    "tiny",
    tuple(Document(f"d{number}", "", "text") for number in range(3)),
    {"q0": "a", "q1": "b", "q2": "c"},
    {"q0": {"d0": 1.0}, "q1": {"d2": 1.0, "gone": 1.0}, "q2": {"gone": 1.0}},
    unanswerable={"u0": "x"},
)
NAMES = {50: "d0", 51: "d1", 52: "d2"}


def served(*documents: int, sources: int = 2, refused: bool = False) -> Served:
    cited = tuple(FoundDocument((Found(own, own, own, 0.5, 0.0, 0.0, 0.5),)) for own in documents[:sources])
    return Served(documents, cited, refused, {})


def score(*answers: Served) -> Scored:
    return score_served(answers, DATASET, ["q0", "q1", "q2"], NAMES)


def test_documents_are_ranked_as_they_are_served_and_what_is_not_there_is_missed() -> None:
    scored = score(served(51, 50, 52), served(52, 51), served(50))
    assert scored.documents == ("d0", "d1", "d2")
    assert scored.ranked[:, :4].tolist() == [[1, 0, 2, -1], [2, 1, -1, -1], [0, -1, -1, -1]]
    assert scored.first.tolist() == [2, 1, 0]
    assert scored.measured["mrr@10"].tolist() == [0.5, 1.0, 0.0]
    assert scored.measured["recall@10"].tolist() == [1.0, 0.5, 0.0]
    assert scored.means()["mrr@10"] == 0.5


def test_answers_are_judged_by_their_sources_and_refusals_unanswerable_questions_included() -> None:
    scored = score(served(51, 50, 52), served(51, 50, 52), served(52, refused=True), served(50))
    assert scored.answers["right"].tolist() == pytest.approx([1, 0, 0, np.nan], nan_ok=True)
    assert scored.answers["wrongly_talkative"].tolist() == [0, 1, 0, 1]
    means = scored.means()
    assert (means["right"], means["wrongly_silent"], means["wrongly_talkative"]) == (1 / 3, 0.0, 0.5)
    refusing = score(served(51, 50), served(52, refused=True), served(52), served(50, refused=True))
    assert refusing.answers["wrongly_silent"].tolist() == pytest.approx([0, 1, np.nan, np.nan], nan_ok=True)
    assert refusing.means()["wrongly_talkative"] == 0.25
    assert len(refusing.question_ids) == 3  # what nothing answers has no rank


@pytest.mark.parametrize("score", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers_are_not_ranked(score: float) -> None:
    scores = np.array([[0.5, score]], dtype=np.float32)
    with pytest.raises(ValueError, match="aren't all numbers"):
        measure(scores, np.arange(2), ["d0", "d1"], ["q0"], [{0: 1.0}])
