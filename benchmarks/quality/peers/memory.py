"""A memory of past questions: what was voted up for similar ones pulls the question, what was voted down pushes it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.peers.development import mean_ndcg, split_by_question
from benchmarks.quality.peers.golden_weight import choose_weight
from benchmarks.quality.said import net_votes, positives
from benchmarks.quality.task import Scores, Task, unit_rows

ALPHA, BETA, GAMMA = 1.0, 0.75, 0.15
"""The weights of Manning, Raghavan and Schütze, "Introduction to Information Retrieval", section 9.1.1."""
THRESHOLDS = (0.9, 0.8, 0.7, 0.6, 0.5)
"""Cosines from which a past question is similar; the most careful first: a draw is decided for it."""

Vectors = NDArray[np.float32]


def rank(task: Task) -> Scores:
    """Cosine of the corrected question and every passage, words beside it, `(j, m)`.

    How similar is similar, and what words count, is chosen on a fifth.

    Rocchio's feedback on dense vectors with past questions' judgements in place of this one's, as in Zhuang, Li and
    Zuccon, "Implicit Feedback for Dense Passage Retrieval: A Counterfactual Approach", SIGIR 2022 (arXiv 2204.00718).
    """
    train, development = split_by_question(positives(task), seed=task.seed)
    threshold, weight = THRESHOLDS[0], task.words_weight
    if train and development:
        asked, own = task.question_vectors[list(development)], task.own_vectors
        tried = {
            each: recall_feedback(task, asked, threshold=each, forgotten=development) @ own.T for each in THRESHOLDS
        }
        threshold = max(THRESHOLDS, key=lambda each: mean_ndcg(tried[each], development))
        weight = choose_weight(task, development, tried[threshold])
    corrected = recall_feedback(task, task.question_vectors[task.judging], threshold=threshold)
    return task.serve(corrected @ task.passage_vectors.T, weight)


def recall_feedback(task: Task, asked: Vectors, *, threshold: float, forgotten: Collection[int] = ()) -> Vectors:
    """Questions corrected by the judgements of similar past ones, weighted by the cosine of the two questions.

    Args:
        task: what was voted and curated.
        asked: `(n, dim)`, L2-normalised.
        threshold: the cosine from which a past question is similar.
        forgotten: rows of questions whose judgements aren't used.

    Returns:
        `(n, dim)` float32, L2-normalised.
    """
    up = [pair for pair in positives(task) if pair[0] not in forgotten]
    down = sorted(pair for pair, net in net_votes(task).items() if net < 0 and pair[0] not in forgotten)
    corrected = (
        ALPHA * asked + BETA * _centre(task, asked, up, threshold) - GAMMA * _centre(task, asked, down, threshold)
    )
    return unit_rows(corrected)


def _centre(task: Task, asked: Vectors, judged: list[tuple[int, int]], threshold: float) -> Vectors:
    """The weighted mean of the judged chunks' vectors for each asked question, `(n, dim)`; zero where there is none."""
    if not judged:
        return np.zeros_like(asked)
    questions, chunks = np.array(judged).T
    similarity = asked @ task.question_vectors[questions].T
    weights = np.where(similarity >= threshold, similarity, 0)
    centre: Vectors = weights @ task.passage_vectors[chunks] / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    return centre
