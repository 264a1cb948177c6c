"""One boost per document, whatever the question, as Onyx had it, on what words and vectors found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.peers import untrained
from benchmarks.quality.task import Scores, Task

RERANKED = 1000
"""Passages whose scores are normalised and boosted; those below share the lowest score."""
SOFTNESS = 3
"""Onyx stretches the sigmoid by this: so many times the votes for its usual effect."""

Floats = NDArray[np.float64]


def rank(task: Task) -> Scores:
    """The served score, scaled to 0..1 over the best passages, times the boost of the passage's document, `(j, m)`.

    The formula is the rank profile of Onyx's Vespa schema (github.com/onyx-dot-app/onyx,
    backend/onyx/document_index/vespa/app_config/schemas/danswer_chunk.sd, functions `document_boost` and
    `global-phase`), with our fusion of words and vectors in place of its own; the count is
    `create_doc_retrieval_feedback` in backend/onyx/db/feedback.py: each endorsement adds 1 and each rejection takes 1
    away. Golden pairs count as endorsements.
    """
    served = task.serve(untrained.rank(task))
    factors = boost_factor(_feedback(task))[task.document_of_passage]
    scores = np.zeros_like(served)
    for of_set in (task.of_regression, ~task.of_regression):  # either is scaled as if there were no other
        if of_set.any():
            scores[:, of_set] = _scale(served[:, of_set]) * factors[of_set]
    return scores


def _scale(served: Scores) -> Floats:
    kept = min(RERANKED, served.shape[1])
    lowest = np.partition(served, -kept, axis=1)[:, -kept][:, None]
    spread = served.max(axis=1, keepdims=True) - lowest
    scaled: Floats = np.clip(served - lowest, 0, None) / np.where(spread > 0, spread, 1)
    return scaled


def boost_factor(feedback: Floats) -> Floats:
    """Onyx's piecewise sigmoid of endorsements minus rejections: .5 to 2, and 1 at 0."""
    sigmoid = 1 / (1 + np.exp(-feedback / SOFTNESS))
    return np.where(feedback < 0, 0.5 + sigmoid, 2 * sigmoid)


def _feedback(task: Task) -> Floats:
    feedback = np.zeros(len(task.documents))
    for vote in task.votes:
        feedback[task.document_of_passage[vote.chunk]] += vote.value
    for _, chunks in task.golden:
        feedback[np.unique(task.document_of_passage[list(chunks)])] += 1
    return feedback
