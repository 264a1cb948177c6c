"""No learning: the base model's cosine, alone as `vectors`, beside the words as `words`."""

from __future__ import annotations

from benchmarks.quality.task import Scores, Task


def rank(task: Task) -> Scores:
    """Cosine of every question that judges and every passage, `(j, m)`."""
    return task.question_vectors[task.judging] @ task.passage_vectors.T
