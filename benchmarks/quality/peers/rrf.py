"""Reciprocal rank fusion: places instead of scores, as most hybrid searches come."""

from __future__ import annotations

from benchmarks.quality.peers.places import combine_sides, reciprocal_places
from benchmarks.quality.task import Scores, Task

K = 60
"""As in Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning Methods",
SIGIR 2009, and as OpenSearch, Elasticsearch and LangChain ship it."""


def rank(task: Task) -> Scores:
    """The sum of 1 / (K + place) by cosine and by words, `(j, m)`; no vote is learnt from."""
    return combine_sides(task, lambda cosines, words: reciprocal_places(cosines, K) + reciprocal_places(words, K))
