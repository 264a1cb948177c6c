"""Held-out questions ranked by one generation: exact, over documents, as trec_eval counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from db.corpus import read_uris_of_chunks
from db.generations import read_vectors
from db.search import rank_documents
from retrain.measures import first_ranks, mrr_at_k, ndcg_at_k, recall_at_k

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Generation
    from db.models import Encoder
    from nightshift.simulate.dataset import DataSet

RUN_DEPTH = 100
"""Documents of a question in a run file."""

MEASURES = {"ndcg@10": ndcg_at_k, "mrr@10": mrr_at_k, "recall@10": recall_at_k}


@dataclass(frozen=True, slots=True)
class Scored:
    """`ranked` is `(n, RUN_DEPTH)` rows of `documents`, best first; `measured` has each measure's `(n,)` values.

    `first` is the rank of each question's first right document, `(n,)`, 0 where none is ranked.
    """

    question_ids: tuple[str, ...]
    documents: tuple[str, ...]
    ranked: NDArray[np.int64]
    first: NDArray[np.int64]
    measured: Mapping[str, NDArray[np.float64]]

    def means(self) -> dict[str, float]:
        """Each measure's mean."""
        return {name: float(values.mean()) if len(values) else 0.0 for name, values in self.measured.items()}


def score_generation(
    engine: sa.Engine,
    generation: Generation,
    encoder: Encoder,
    dataset: DataSet,
    question_ids: Sequence[str],
    id_of_uri: Mapping[str, str],
) -> Scored:
    """Ranks all documents for each question by the generation's stored vectors, without an index."""
    stored = read_vectors(engine, generation)
    return score_vectors(
        stored.vectors,
        [id_of_uri[uri] for uri in uris_of_chunks(engine, stored.chunk_ids)],
        encoder.encode_questions([dataset.questions[question_id] for question_id in question_ids]),
        dataset,
        question_ids,
    )


def score_vectors(
    passages: NDArray[np.float32],
    document_of_passage: Sequence[str],
    questions: NDArray[np.float32],
    dataset: DataSet,
    question_ids: Sequence[str],
) -> Scored:
    """The same for vectors at hand: `passages` `(m, dim)` with their documents' ids, `questions` `(n, dim)`."""
    documents = tuple(sorted(set(document_of_passage)))
    row_of = {document_id: row for row, document_id in enumerate(documents)}
    rows = np.array([row_of[document_id] for document_id in document_of_passage], dtype=np.int64)
    relevant = [
        # what isn't in the store can't be found; it still counts as missed
        {row_of.get(document_id, -2 - place): gain for place, (document_id, gain) in enumerate(gains.items())}
        for gains in (dataset.relevant[question_id] for question_id in question_ids)
    ]
    return measure(questions @ passages.T, rows, documents, question_ids, relevant)


def measure(
    scores: NDArray[np.float32],
    document_of_passage: NDArray[np.int64],
    documents: Sequence[str],
    question_ids: Sequence[str],
    relevant: Sequence[Mapping[int, float]],
) -> Scored:
    """Ranks documents by their best passage: `scores` is `(n, m)`, `document_of_passage` `(m,)` rows of `documents`.

    Raises:
        ValueError: a score isn't a finite number.
    """
    if not np.isfinite(scores).all():
        raise ValueError("the scores aren't all numbers")
    ranked = rank_documents(scores, document_of_passage, k=RUN_DEPTH)
    measured = {name: of(ranked[:, :10], relevant) for name, of in MEASURES.items()}
    return Scored(tuple(question_ids), tuple(documents), ranked, first_ranks(ranked, relevant), measured)


def uris_of_chunks(engine: sa.Engine, chunk_ids: NDArray[np.int64]) -> list[str]:
    """The address of each chunk's document, in the order of the ids."""
    uris = read_uris_of_chunks(engine)
    return [uris[int(chunk_id)] for chunk_id in chunk_ids]
