"""What words count beside a peer's cosines, as curated pairs choose it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from benchmarks.quality.peers.development import mean_ndcg
from benchmarks.quality.task import Scores, Task
from db.search import fuse

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
"""From cosines alone to hardly any; the best one differs by corpus, from .15 to 1.7."""


def choose_weight(task: Task, answers: Mapping[int, Collection[int]], cosines: Scores) -> float:
    """The weight by which curated pairs are ranked best; the one that ships where it is as good, or there are none.

    Args:
        task: whose words these are.
        answers: questions that the cosines were not learnt from, with their right chunks; those with votes only
            choose nothing.
        cosines: `(len(answers), m)`, of these questions in their order and all passages but the regression set's.
    """
    golden = {question for question, _ in task.golden}
    rows = [row for row, question in enumerate(answers) if question in golden]
    if not rows:
        return task.words_weight
    questions = np.array(list(answers), dtype=np.int64)[rows]
    right = {question: answers[question] for question in questions.tolist()}
    words = task.score_by_words(questions)[:, : cosines.shape[1]]
    worth = {weight: mean_ndcg(fuse(cosines[rows], words, weight), right) for weight in WEIGHTS}
    best = max(worth.values())
    return min((each for each, value in worth.items() if value >= best), key=lambda each: abs(each - task.words_weight))
