"""In what order passages are served, and which of them count; the court ranks by the same; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32] | NDArray[np.float64]
Ints = NDArray[np.int64]

NOTHING = -1
"""Fills a ranking that is shorter than k."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a search found; `similarity` is the cosine between question and chunk."""

    chunk_id: int
    document_id: int
    text_hash: bytes
    title: str
    uri: str
    section: str
    text: str
    ordinal: int
    similarity: float


def best_first(scores: Floats, ids: Ints) -> NDArray[np.intp]:
    """The rows of `scores` (n,), the highest first; of equal ones that with the lower of `ids` (n,), NaN last."""
    return np.lexsort((ids, -scores))


def rank_hits(hits: Sequence[Hit]) -> list[Hit]:
    """The hits, the most similar first; of equally similar chunks the lower id."""
    similarities = np.array([hit.similarity for hit in hits], dtype=np.float64)
    chunk_ids = np.array([hit.chunk_id for hit in hits], dtype=np.int64)
    return [hits[row] for row in best_first(similarities, chunk_ids)]


def relevant_ranks(hits: Sequence[Hit], min_similarity: float) -> list[int]:
    """Ranks (1 is the best) of what is similar enough to be relevant; of passages with the same words only the best."""
    distinct: dict[str, int] = {}
    for rank, hit in enumerate(hits, start=1):
        if hit.similarity >= min_similarity:
            distinct.setdefault(" ".join(hit.text.split()).casefold(), rank)
    return list(distinct.values())


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
