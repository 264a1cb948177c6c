"""`base`: no learning, the base model's cosine."""

from __future__ import annotations

from benchmarks.quality.task import Scores, Task


def rank(task: Task) -> Scores:
    """Cosine of every held-out question and every passage, `(h, m)`."""
    return task.question_vectors[task.judging] @ task.passage_vectors.T
