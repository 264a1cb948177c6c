"""What our own training and fit make of true answers instead of votes: nothing learns more from them."""

from __future__ import annotations

import numpy as np

from benchmarks.quality.arrays import train_and_rank
from benchmarks.quality.fitted import fit_weights
from benchmarks.quality.lists import rank_listed
from benchmarks.quality.task import Scores, Task
from retrain.lesson import Judgement
from retrain.night import OnProgress


def rank_ceiling(task: Task, base_model: str, on_progress: OnProgress) -> Scores:
    """The same on what is true: every question that was asked, with its right documents and no slips, `(j, m)`."""
    told = true_judgements(task)
    ranking = fit_weights(task, told).ranking
    cosines = train_and_rank(task, told, base_model, lambda n, of: on_progress("ceiling", n, of))
    return rank_listed(task, task.judging, cosines, ranking)


def true_judgements(task: Task) -> list[Judgement]:
    """What people would say who are never wrong and know every document, by questions' and passages' rows.

    A right document's chunk is its nearest to the question; the wrong ones are those that were voted on.
    """
    voted_on: dict[int, set[int]] = {}
    for vote in task.votes:
        voted_on.setdefault(vote.question, set()).add(vote.chunk)
    judgements = []
    for question in sorted(voted_on):
        scores = task.passage_vectors @ task.question_vectors[question]
        right = set(task.relevant[question])
        for document in sorted(right):
            rows = np.flatnonzero(task.document_of_passage == document)
            best = int(rows[np.argmax(scores[rows])])
            judgements.append(Judgement(f"q{question}", question, best, 1, 0.0))
        wrong = sorted(chunk for chunk in voted_on[question] if int(task.document_of_passage[chunk]) not in right)
        judgements += [Judgement(f"q{question}", question, chunk, -1, 0.0) for chunk in wrong]
    return judgements
