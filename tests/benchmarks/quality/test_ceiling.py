from __future__ import annotations

import numpy as np

from benchmarks.quality.ceiling import true_judgements
from tests.benchmarks.quality.small_task import ASKED, make_task


def test_every_question_that_was_asked_gets_its_right_document_and_what_was_wrong_of_the_shown() -> None:
    task = make_task()
    told = true_judgements(task)
    assert {judgement.question_id for judgement in told} == set(range(ASKED))
    for judgement in told:
        is_right = int(task.document_of_passage[judgement.chunk_id]) in task.relevant[judgement.question_id]
        assert is_right == (judgement.value > 0)
    up = [judgement for judgement in told if judgement.value > 0]
    assert len(up) == ASKED
    for judgement in up:
        rows = np.flatnonzero(task.document_of_passage == task.document_of_passage[judgement.chunk_id])
        scores = task.passage_vectors[rows] @ task.question_vectors[judgement.question_id]
        assert judgement.chunk_id == rows[np.argmax(scores)]
    shown = {(vote.question, vote.chunk) for vote in task.votes}
    assert all((j.question_id, j.chunk_id) in shown for j in told if j.value < 0)
