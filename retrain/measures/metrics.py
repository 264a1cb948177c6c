"""How good a ranking is: ndcg@10, mrr@10 and recall@10 over documents, and judged-only measures over votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from db.search import NOTHING, Ints


def ndcg_at_k(ranked: Ints, relevant: Sequence[Mapping[int, float]], k: int = 10) -> NDArray[np.float64]:
    """Ndcg@k of each question with linear gain, as trec_eval's `ndcg_cut` has it; 0 where nothing is relevant.

    `ranked` is `(n_questions, ≥k)` document ids, `relevant` the gain of each relevant document of each question.
    """
    discounts = 1 / np.log2(np.arange(2, k + 2))
    result = np.zeros(len(ranked))
    for row, (documents, gains) in enumerate(zip(ranked, relevant, strict=True)):
        ideal = sorted((gain for gain in gains.values() if gain > 0), reverse=True)[:k]
        if ideal:
            found = [gains.get(int(document), 0.0) for document in documents[:k]]
            result[row] = np.dot(found, discounts[: len(found)]) / np.dot(ideal, discounts[: len(ideal)])
    return result


def first_ranks(ranked: Ints, relevant: Sequence[Mapping[int, float]]) -> Ints:
    """The rank (1 is the best) of each question's first relevant document, 0 if it isn't among the ranked."""
    result = np.zeros(len(ranked), dtype=np.int64)
    for row, (documents, gains) in enumerate(zip(ranked, relevant, strict=True)):
        for rank, document in enumerate(documents, start=1):
            if gains.get(int(document), 0.0) > 0:
                result[row] = rank
                break
    return result


def log_ranks(ranked: Ints, relevant: Sequence[Mapping[int, float]]) -> NDArray[np.float64]:
    """Minus the binary logarithm of a relevant document's rank, the mean of each question's; 0 where none is relevant.

    A gain of 1 is a rank halved. What isn't among the ranked counts as coming right after them. It says how deep a
    document stands below the tenth too, and a question weighs the same from rank 8 to 4 as from 2 to 1: of a few
    questions it tells a better ranking from luck more often than ndcg@10 does.
    """
    depth = ranked.shape[1] if len(ranked) else 0
    result = np.zeros(len(ranked))
    for row, (documents, gains) in enumerate(zip(ranked.tolist(), relevant, strict=True)):
        rank_of = {document: rank for rank, document in enumerate(documents, start=1)}
        wanted = [rank_of.get(document, depth + 1) for document, gain in gains.items() if gain > 0]
        if wanted:
            result[row] = -float(np.log2(wanted).mean())
    return result


def mrr_at_k(ranked: Ints, relevant: Sequence[Mapping[int, float]], k: int = 10) -> NDArray[np.float64]:
    """1 / rank of each question's first relevant document, 0 if it isn't among the first k."""
    ranks = first_ranks(ranked[:, :k], relevant)
    return np.divide(1.0, ranks, out=np.zeros(len(ranks)), where=ranks > 0)


def recall_at_k(ranked: Ints, relevant: Sequence[Mapping[int, float]], k: int = 10) -> NDArray[np.float64]:
    """Share of each question's relevant documents that are among the first k; 0 where nothing is relevant."""
    result = np.zeros(len(ranked))
    for row, (documents, gains) in enumerate(zip(ranked, relevant, strict=True)):
        wanted = {document for document, gain in gains.items() if gain > 0}
        if wanted:
            result[row] = len(wanted.intersection(int(document) for document in documents[:k])) / len(wanted)
    return result


def pair_accuracy(scores: Sequence[Mapping[int, float]], values: Sequence[Mapping[int, int]]) -> NDArray[np.float64]:
    """Share of each question's (up-voted, down-voted) pairs that the scores put in the right order; a tie is half.

    Only judged chunks count, so a candidate loses nothing by preferring what nobody was shown.

    Args:
        scores: for each question, the score of each judged chunk; NaN where it can't be found, and doesn't count.
        values: for each question, the sign of each judged chunk's label.

    Returns:
        `(n_questions,)`, NaN where a question lacks an up-vote or a down-vote.
    """
    result = np.full(len(values), np.nan)
    for row, (score, value) in enumerate(zip(scores, values, strict=True)):
        there = [chunk for chunk in sorted(value) if not np.isnan(score[chunk])]
        up = np.array([score[chunk] for chunk in there if value[chunk] > 0])
        down = np.array([score[chunk] for chunk in there if value[chunk] < 0])
        if up.size and down.size:
            gaps = up[:, None] - down[None, :]
            result[row] = float(np.mean((gaps > 0) + 0.5 * (gaps == 0)))
    return result


def hub_share(ranked: Ints, clusters: Ints | None = None) -> float:
    """Share of the questions whose ranking holds the one document that most of them hold; 0 without questions.

    `clusters`, `(n_questions,)`, has the same number for near-duplicates: together they weigh as much as one question.
    """
    if not len(ranked):
        return 0.0
    _, place, sizes = np.unique(
        np.arange(len(ranked)) if clusters is None else clusters, return_inverse=True, return_counts=True
    )
    held = [np.unique(row[row != NOTHING]) for row in ranked]
    weights = np.repeat(1 / sizes[place], [len(row) for row in held])
    if not len(weights):
        return 0.0
    _, document = np.unique(np.concatenate(held), return_inverse=True)
    return float(np.bincount(document, weights=weights).max() / len(sizes))
