"""The part of the positives on which a peer chooses its own settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from db.search import rank_documents
from retrain.measures import ndcg_at_k

SHARE = 0.2

Answers = dict[int, list[int]]
"""The right chunks of each question, by rows, the surest first."""


def group_by_question(pairs: Iterable[tuple[int, int]]) -> Answers:
    """The chunks of each question, both in the order of the pairs."""
    answers: Answers = {}
    for question, chunk in pairs:
        answers.setdefault(question, []).append(chunk)
    return answers


def split_by_question(pairs: Iterable[tuple[int, int]], *, seed: int) -> tuple[Answers, Answers]:
    """Splits the pairs into four fifths to train on and a fifth to choose on; no question is in both.

    Where there are two questions or more, neither part is empty.
    """
    answers = group_by_question(pairs)
    shuffled = np.random.default_rng(seed).permutation(list(answers)).tolist()
    n_chosen = max(round(SHARE * len(shuffled)), min(1, len(shuffled) - 1), 0)
    chosen = set(shuffled[:n_chosen])
    train = {question: chunks for question, chunks in answers.items() if question not in chosen}
    return train, {question: chunks for question, chunks in answers.items() if question in chosen}


def mean_ndcg(scores: NDArray[np.float32] | NDArray[np.float64], answers: Mapping[int, Collection[int]]) -> float:
    """Mean ndcg@10 over passages, all right chunks alike.

    Args:
        scores: `(len(answers), m)`, a row for each question of `answers`, in its order.
        answers: the right chunks of each question.
    """
    ranked = rank_documents(scores, np.arange(scores.shape[1]))
    return float(np.mean(ndcg_at_k(ranked, [dict.fromkeys(chunks, 1.0) for chunks in answers.values()])))
