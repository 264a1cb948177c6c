"""What a learner's scores are worth: measures per question, slices, and p against another learner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.task import Scores, Task
from db.search import rank_documents
from nightshift.simulate.score import Scored, measure
from retrain.measures import ndcg_at_k, p_better

RANDOMISATIONS = 20_000

Floats = NDArray[np.float64]


def score_task(task: Task, scores: Scores) -> Scored:
    """What a learner's scores are worth on the held-out questions, over documents.

    Raises:
        ValueError: a score isn't a finite number.
    """
    ours = ~task.of_regression
    return measure(
        scores[: len(task.held_out), ours],
        task.document_of_passage[ours],
        task.documents,
        [task.question_ids[row] for row in task.held_out],
        [task.relevant[row] for row in task.held_out],
    )


def score_regression(task: Task, scores: Scores) -> float | None:
    """Mean ndcg@10 on the regression set's answerable questions, among its own passages; None where there is none."""
    if not len(task.regression):
        return None
    own = task.of_regression
    ranked = rank_documents(scores[-len(task.regression) :, own], task.document_of_passage[own])
    relevant = [task.relevant[row] for row in task.regression]
    answerable = np.array([bool(gains) for gains in relevant])
    return float(ndcg_at_k(ranked, relevant)[answerable].mean())


def score_repeats(task: Task, scores: Scores) -> float | None:
    """Mean ndcg@10 on the questions that repeat what was asked in other words; None where there are none."""
    if not len(task.repeats):
        return None
    ours = ~task.of_regression
    own = scores[len(task.held_out) : len(task.held_out) + len(task.repeats), ours]
    ranked = rank_documents(own, task.document_of_passage[ours])
    return float(ndcg_at_k(ranked, [task.relevant[row] for row in task.repeats]).mean())


def judgements_of(task: Task) -> dict[str, dict[str, float]]:
    """The held-out questions' gains, by the ids of questions and documents."""
    return {
        task.question_ids[row]: {task.documents[document]: gain for document, gain in task.relevant[row].items()}
        for row in task.held_out
    }


def slice_questions(task: Task) -> dict[str, NDArray[np.bool_]]:
    """Which held-out questions have a right document that got votes, and which have none such, `(h,)` each."""
    voted = {int(task.document_of_passage[vote.chunk]) for vote in task.votes}
    right = ({document for document, gain in task.relevant[row].items() if gain > 0} for row in task.held_out)
    has_votes = np.array([not voted.isdisjoint(documents) for documents in right], dtype=bool)
    return {"voted": has_votes, "never_voted": ~has_votes}


def p_vs(question_ids: Sequence[str], ours: Floats, theirs: Floats) -> float:
    """One-sided p that `ours` is better, by a paired randomisation test pooled over seeds.

    A question that is held out at several seeds is one question: its gains are summed and their sign drawn once, or
    the same question would count as independent evidence again and again.

    Args:
        question_ids: of all seeds, one after the other.
        ours: a measure of each of them, `(len(question_ids),)`.
        theirs: the same measure under the other learner.
    """
    _, inverse = np.unique(question_ids, return_inverse=True)
    gains = np.zeros(inverse.max(initial=-1) + 1)
    np.add.at(gains, inverse, ours - theirs)
    return p_better(gains, RANDOMISATIONS, seed=0)
