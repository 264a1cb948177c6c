"""Onyx's weighted reciprocal rank fusion: as the other, but meaning counts more than words."""

from __future__ import annotations

from benchmarks.quality.peers.places import combine_sides, reciprocal_places
from benchmarks.quality.task import Scores, Task

K = 50
MEANING, WORDS = 1.3, 1.0


def rank(task: Task) -> Scores:
    """The weighed sum of 1 / (K + place), `(j, m)`; no vote is learnt from.

    `weighted_reciprocal_rank_fusion` and `RRF_K_VALUE` of github.com/onyx-dot-app/onyx,
    backend/onyx/tools/tool_implementations/search/search_utils.py, with `LLM_SEMANTIC_QUERY_WEIGHT` and
    `LLM_KEYWORD_QUERY_WEIGHT` of constants.py beside it. There a language model writes the one query by meaning and
    the other by key words; here they are the two sides of the same question.
    """
    return combine_sides(
        task,
        lambda cosines, words: MEANING * reciprocal_places(cosines, K) + WORDS * reciprocal_places(words, K),
    )
