"""Words beside the base model's vectors, with the weight that curated pairs choose; no vote is learnt from."""

from __future__ import annotations

import numpy as np

from benchmarks.quality.peers import untrained
from benchmarks.quality.peers.development import group_by_question
from benchmarks.quality.peers.golden_weight import choose_weight
from benchmarks.quality.task import Scores, Task


def rank(task: Task) -> Scores:
    """Cosine and weighed words, `(j, m)`: a convex combination tuned on a few judged questions.

    As in Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2022 (arXiv 2210.11934).
    """
    answers = group_by_question((question, chunk) for question, chunks in task.golden for chunk in chunks)
    cosines = task.question_vectors[np.array(list(answers), dtype=np.int64)] @ task.own_vectors.T
    return task.serve(untrained.rank(task), choose_weight(task, answers, cosines))
