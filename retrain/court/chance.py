"""Do the votes mean anything? What is right tends to stand above what is wrong; coins know nothing of the order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from retrain.court.evidence import Limits
from retrain.lesson import Judgement, SplitRules, on_sources
from retrain.measures import mean_by_cluster, p_better, pair_accuracy

Clusters = Mapping[int, int]
"""By question id the cluster of near-duplicates that it is in; a question that lacks is like no other."""

_APART: Clusters = MappingProxyType({})


def order_as_shown(judgements: Iterable[Judgement], clusters: Clusters = _APART) -> NDArray[np.float64]:
    """How well each question's sources were ordered when people voted on them.

    Returns:
        `(n_clusters,)` the share of (up-voted, down-voted) pairs in which the first was shown higher, for questions
        with both; of near-duplicates the mean.
    """
    ranks: dict[int, dict[int, float]] = defaultdict(dict)
    votes: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for vote, rank in on_sources(judgements):
        ranks[vote.question_id][vote.chunk_id] = -rank
        votes[vote.question_id][vote.chunk_id] += vote.value
    questions = sorted(ranks)
    shares = pair_accuracy([ranks[question] for question in questions], [votes[question] for question in questions])
    there = np.isfinite(shares)
    return mean_by_cluster(shares[there], _first_of(questions, clusters)[there])


def fall_with_rank(judgements: Iterable[Judgement], clusters: Clusters = _APART) -> NDArray[np.float64]:
    """How much each question adds to the covariance of being voted up and being shown high, over all votes.

    Whoever stops at the first right source votes down only what stands above it, so that within a question the order
    looks wrong; over all questions the share of up-votes still falls from the first rank on.

    Returns:
        `(n_clusters,)`, with the mean 0 where votes know nothing of ranks, for questions with votes; of near-duplicates
        the sum.
    """
    known = [(vote.question_id, vote.value, np.log2(rank)) for vote, rank in on_sources(judgements)]
    if not known:
        return np.empty(0)
    values, depths = (np.array(column) for column in list(zip(*known, strict=True))[1:])
    _, cluster = np.unique(_first_of([question for question, *_ in known], clusters), return_inverse=True)
    covariances = (values - values.mean()) * (depths.mean() - depths)
    return np.bincount(cluster, weights=covariances).astype(np.float64)


def _first_of(question_ids: Sequence[int], clusters: Clusters) -> NDArray[np.int64]:
    """`(n,)` the first of these questions that is in each one's cluster."""
    first: dict[int, int] = {}
    return np.array(
        [
            first.setdefault(clusters[question], question) if question in clusters else question
            for question in question_ids
        ],
        dtype=np.int64,
    )


def votes_at_chance(
    judgements: Iterable[Judgement],
    n_golden: int = 0,
    limits: Limits | None = None,
    *,
    clusters: Clusters = _APART,
    seed: int = 0,
) -> list[str]:
    """A sentence where enough votes say no more than coins would; else nothing.

    What such people would teach nobody should serve: it isn't for a few golden questions to wave it through. Votes
    that go against the ranking do say something, and `n_golden` questions that judge can tell what, if they are enough.
    Near-duplicates are one question each time.
    """
    limits = limits or Limits()
    judgements = list(judgements)
    shares = order_as_shown(judgements, clusters)

    def shows(signs: NDArray[np.float64]) -> bool:
        one_of_three = limits.luck.chance_p / 3  # chances to be let through
        return p_better(signs, limits.luck.randomisations, seed) < one_of_three

    if len(shares) < limits.at_least.ordered or shows(shares - 0.5) or shows(fall_with_rank(judgements, clusters)):
        return []
    seen = (
        f"on {len(shares)} questions that have both, near-duplicates counted once, the up-voted source stood above the "
        f"down-voted one in {shares.mean():.0%} of the pairs, and coins would make it 50%."
    )
    if not shows(0.5 - shares):
        return [
            f"The votes can't be told from chance: {seen} Find out who votes, and whether the buttons are understood, "
            "before anything is learnt from it."
        ]
    if n_golden >= limits.at_least.golden:
        return []
    pairs = SplitRules().pairs_to_add(n_golden, limits.at_least.golden)
    return [
        f"The votes go against the ranking: {seen} Either people vote mostly where the first source is wrong, or the "
        f"buttons are misunderstood. Golden questions would tell: about {pairs} more golden pairs would do."
    ]
