"""Held-out questions answered by one generation as people would be: exact, over documents, as trec_eval counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from db.search import NOTHING, rank_documents
from retrain.court import Served, ranked
from retrain.measures import Answered, first_ranks, judge_answers, mrr_at_k, ndcg_at_k, recall_at_k

if TYPE_CHECKING:
    from nightshift.simulate.dataset import DataSet

RUN_DEPTH = 100
"""Documents of a question in a run file, at most."""

MEASURES = {"ndcg@10": ndcg_at_k, "mrr@10": mrr_at_k, "recall@10": recall_at_k}


@dataclass(frozen=True, slots=True)
class Scored:
    """`ranked` is `(n, ≤ RUN_DEPTH)` rows of `documents`, best first; `measured` has each measure's `(n,)` values.

    `first` is the rank of each question's first right document, `(n,)`, 0 where none is ranked. `answers` has what
    people get, by name: of these questions, and after them of those that no document answers; NaN where it doesn't
    apply. `repeats` has the ndcg@10 of what repeats other questions, by id.
    """

    question_ids: tuple[str, ...]
    documents: tuple[str, ...]
    ranked: NDArray[np.int64]
    first: NDArray[np.int64]
    measured: Mapping[str, NDArray[np.float64]]
    answers: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    repeats: Mapping[str, float] = field(default_factory=dict)

    def means(self) -> dict[str, float]:
        """Each measure's mean over the questions that it applies to; 0 where there are none."""
        return {name: _mean(values) for name, values in (*self.measured.items(), *self.answers.items())}

    def mean_of_repeats(self, ids: Sequence[str]) -> float:
        """The mean ndcg@10 of these repeats, of which there is one or more."""
        return float(np.mean([self.repeats[own] for own in ids]))


def _mean(values: NDArray[np.float64]) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else 0.0


def score_served(
    served: Sequence[Served],
    dataset: DataSet,
    question_ids: Sequence[str],
    name_of_document: Mapping[int, str],
    answers: Mapping[str, NDArray[np.float64]] = MappingProxyType({}),
) -> Scored:
    """What the answers to questions are worth.

    Args:
        served: what each question got; after these, those that no document answers.
        dataset: whose judgements count.
        question_ids: of the answerable ones.
        name_of_document: the data set's id of each document of the store.
        answers: more that is known of the answers, by name.
    """
    names = tuple(sorted(set(name_of_document.values())))
    row_of = {name: row for row, name in enumerate(names)}
    row_of_document = {document: row_of[name] for document, name in name_of_document.items()}
    # what isn't in the store can't be found; it still counts as missed
    relevant = [
        {row_of.get(name, -2 - place): gain for place, (name, gain) in enumerate(dataset.relevant[own].items())}
        for own in question_ids
    ]
    rows = np.array([[row_of_document.get(d, NOTHING) for d in ranks] for ranks in ranked(served).tolist()], dtype=int)
    own = rows.reshape(len(served), -1)[: len(question_ids)]
    answered = [
        Answered(tuple(row_of_document[document] for document in each.answered.documents), each.refused)
        for each in served
    ]
    judged = judge_answers(answered, [*relevant, *([{}] * (len(served) - len(relevant)))])
    measured = {name: of(own[:, :10], relevant) for name, of in MEASURES.items()}
    return Scored(tuple(question_ids), names, own, first_ranks(own, relevant), measured, {**judged, **answers})


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
