"""In what order passages are served; the court ranks by the same; pure.

Cosine and words, fused, choose the best 50, and their other features order those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from db.generations import Ranking
from db.search.features import QuestionTerms, Written
from db.search.found import Found
from db.words import QuestionWords

Floats = NDArray[np.float32] | NDArray[np.float64]
Ints = NDArray[np.int64]
Some = TypeVar("Some", bound=Found)
ReadWritten = Callable[[Sequence[int]], Sequence[Written]]
"""What the chunks of these ids say."""

CANDIDATES = 50
"""Chunks that each side, vectors and words, puts up for a question."""

NOTHING_TOLD = QuestionWords(0.0)

NOTHING = -1
"""Fills a ranking that is shorter than k."""


@dataclass(frozen=True, slots=True, eq=False)
class WordScores:
    """The chunks that share the likeliest words with a question: ids ascending, `(n,)`; the others count as 0.

    `scores` and `coverage`, `(n,)` float64, are `Found`'s `words` and `coverage`; `tells` is what the words tell.
    """

    chunk_ids: Ints
    scores: NDArray[np.float64]
    coverage: NDArray[np.float64]
    tells: QuestionWords = NOTHING_TOLD


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """What a ranking must know of the chunks that may be seen: ids ascending, their documents and copies, `(n,)`.

    `signatures` has those of the documents that have one.
    """

    chunk_ids: Ints
    document_ids: Ints
    copies: Ints
    signatures: Mapping[int, bytes] = field(default_factory=dict)

    def at(self, places: Ints | NDArray[np.bool_]) -> Passages:
        """Those at these places, in their order."""
        own = (self.chunk_ids[places], self.document_ids[places], self.copies[places])
        return Passages(*own, self.signatures)


def fuse(similarity: Floats, words: Floats, weight: float) -> NDArray[np.float64]:
    """The score by which the best are found: cosine and, so weighted, BM25 as a share of the question's idf.

    A sum whose parts are known before anything is compared, so that a score doesn't depend on what else was found
    (a convex combination as in Bruch, Gai, Ingber: An Analysis of Fusion Functions for Hybrid Retrieval, 2022).
    """
    fused: NDArray[np.float64] = np.asarray(similarity, np.float64) + weight * np.asarray(words, np.float64)
    return fused


def best_first(scores: Floats, *ids: Ints) -> NDArray[np.intp]:
    """The rows of `scores` (n,), the highest first; ties by the first of `ids`, (n,) each, and on; NaN last."""
    return np.lexsort((*ids[::-1], -scores))


def order_features(
    features: Sequence[Sequence[float]], ids: Sequence[tuple[int, int]], ranking: Ranking
) -> list[tuple[int, float]]:
    """The order in which passages are served: their rows here, each with its score; ties as in `best_first`.

    Args:
        features: what each passage has, in the order of a ranking's weights.
        ids: of each passage, its document's and its own.
        ranking: what each feature counts.
    """
    weights = ranking.weights
    scores = [score_features(own, weights) for own in features]
    order = best_first(np.array(scores, np.float64), *np.array(ids, np.int64).reshape(-1, 2).T)
    return [(row, scores[row]) for row in order.tolist()]


def score_features(features: Sequence[float], weights: Sequence[float]) -> float:
    """What orders the passages that were found: the weighted sum of what they have of the question."""
    score: float = sum(map(mul, weights, features))
    return score


def find_best(
    passages: Passages,
    similarity: Floats,
    words: WordScores,
    ranking: Ranking,
    k: int,
    terms: QuestionTerms,
    written: ReadWritten,
) -> list[Found]:
    """The `k` best of `passages` for a question, as the search finds them where its index misses nothing.

    Args:
        passages: what may be seen, n chunks.
        similarity: `(n,)` cosines; NaN counts as the worst.
        words: the question's; what isn't among `passages` is passed over.
        ranking: of the generation whose cosines these are.
        k: how many are wanted.
        terms: the question's.
        written: what passages say.
    """
    place = np.searchsorted(passages.chunk_ids, words.chunk_ids)
    seen = place < len(passages.chunk_ids)
    seen[seen] = passages.chunk_ids[place[seen]] == words.chunk_ids[seen]
    of_words, coverage = np.zeros(len(passages.chunk_ids)), np.zeros(len(passages.chunk_ids))
    of_words[place[seen]], coverage[place[seen]] = words.scores[seen], words.coverage[seen]
    each_side = max(k, CANDIDATES)
    rows = np.union1d(
        _highest(similarity, passages, each_side),
        [row for row in _highest(of_words, passages, each_side) if of_words[row]],
    ).astype(np.intp)
    fused = fuse(similarity[rows], of_words[rows], ranking.words_weight)
    best = rows[_highest_and_ties(fused, each_side)]
    of_passages = (passages.chunk_ids, passages.document_ids, passages.copies, similarity, of_words, coverage)
    chunk_ids, document_ids, copies, cosines, by_words, covered = (each[best].tolist() for each in of_passages)
    said = [terms.said_by(passage) for passage in written(chunk_ids)]
    features = [(*own, *more) for *own, more in zip(cosines, by_words, covered, said, strict=True)]
    order = order_features(features, list(zip(document_ids, chunk_ids, strict=True)), ranking)
    return [
        Found(
            chunk_id=chunk_ids[row],
            document_id=document_ids[row],
            copy=copies[row],
            similarity=cosines[row],
            words=by_words[row],
            coverage=covered[row],
            score=score,
            signature=passages.signatures.get(document_ids[row], b""),
            **said[row]._asdict(),
        )
        for row, score in order[:k]
    ]


def _highest(scores: Floats, passages: Passages, n: int) -> NDArray[np.intp]:
    """Rows of the `n` highest scores, and of equal ones those with the lower chunk id, as the statement takes them."""
    among = _highest_and_ties(scores, n)
    return among[best_first(scores[among], passages.chunk_ids[among])[:n]]


def _highest_and_ties(scores: Floats, n: int) -> NDArray[np.intp]:
    """Rows of the `n` highest scores and of those that equal the last of them, ascending; NaN counts as the worst."""
    if n >= len(scores):
        return np.arange(len(scores))
    clean = np.where(np.isnan(scores), -np.inf, scores)
    return np.flatnonzero(clean >= np.partition(clean, -n)[-n])


def rank_documents(scores: Floats, document_of_chunk: Ints, k: int = 10) -> Ints:
    """The k best documents of each question, a document being as good as its best chunk.

    Args:
        scores: `(n_questions, n_chunks)`; NaN counts as the worst.
        document_of_chunk: `(n_chunks,)`, ids ≥ 0.
        k: how many to keep.

    Returns:
        `(n_questions, k)` document ids, best first, ties by the lower id, `NOTHING` where there are no more.
    """
    documents, inverse = np.unique(document_of_chunk, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    starts = np.searchsorted(inverse[order], np.arange(len(documents)))
    ranked = np.full((len(scores), k), NOTHING, dtype=np.int64)
    if not len(documents):
        return ranked
    clean = np.where(np.isnan(scores), -np.inf, scores)
    best = np.maximum.reduceat(clean[:, order], starts, axis=1)
    k = min(k, len(documents))
    least = -np.partition(-best, k - 1, axis=1)[:, k - 1]
    for row, (of_document, worst) in enumerate(zip(best, least, strict=True)):
        among = np.flatnonzero(of_document >= worst)  # k, and those that tie with the last
        ranked[row, :k] = documents[among[best_first(of_document[among], documents[among])[:k]]]
    return ranked
