"""Do the votes mean anything? Any search worth the name puts what is right above what is wrong more often than not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from retrain.evidence import Limits
from retrain.labels import Judgement
from retrain.metrics import pair_accuracy
from retrain.significance import p_better


def order_as_shown(judgements: Iterable[Judgement]) -> NDArray[np.float64]:
    """How well each question's sources were ordered when people voted on them.

    Returns:
        `(n,)` the share of (up-voted, down-voted) pairs in which the first was shown higher, for questions with both.
    """
    ranks: dict[int, dict[int, float]] = defaultdict(dict)
    votes: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for vote in judgements:
        if vote.rank is not None and vote.origin == "source":
            ranks[vote.question_id][vote.chunk_id] = -vote.rank
            votes[vote.question_id][vote.chunk_id] += vote.value
    questions = sorted(ranks)
    shares = pair_accuracy([ranks[question] for question in questions], [votes[question] for question in questions])
    return shares[np.isfinite(shares)]


def votes_at_chance(judgements: Iterable[Judgement], limits: Limits | None = None, *, seed: int = 0) -> list[str]:
    """A sentence where enough votes say no more than coins would, or the opposite; else nothing.

    What such people would teach nobody should serve: it isn't for a few golden questions to wave it through.
    """
    limits = limits or Limits()
    shares = order_as_shown(judgements)
    if len(shares) < limits.min_ordered or p_better(shares - 0.5, limits.randomisations, seed) < limits.max_chance_p:
        return []
    return [
        f"The votes can't be told from chance: on {len(shares)} questions that have both, the up-voted source stood "
        f"above the down-voted one in {shares.mean():.0%} of the pairs, and coins would make it 50%. Find out who "
        "votes, and whether the buttons are understood, before anything is learnt from it."
    ]
