"""Mining negatives among all passages: `retrain.lesson` beside one blocked product and its best, in numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import numpy as np

from benchmarks.speed.measure import OURS, Comparison, Show, take_turns
from benchmarks.speed.prose import Asked, Prose, ask_about
from retrain.lesson import MiningRules, mine_negatives

PRODUCT = "a product and its best, numpy"
LIMIT = 1.3

QUESTIONS = 500
_BLOCK_FLOATS = 4_000_000


def compare_mining(prose: Prose, rounds: int, show: Show) -> Iterator[Comparison]:
    """One: each round mines for all questions, each with its passage as the positive."""
    asked = ask_about(prose, QUESTIONS, seed=2)
    seconds = take_turns(miners(prose, asked), rounds, units=QUESTIONS, show=show)
    yield Comparison(f"mine among {len(prose.texts):,} passages", "question", LIMIT, seconds)


def miners(prose: Prose, asked: Asked) -> Mapping[str, Callable[[], list[list[int]]]]:
    """Each gives rows of passages for each question: ours those that may stand against it, numpy the best."""
    rules = MiningRules()
    own = [{int(row)} for row in asked.about]

    def ours() -> list[list[int]]:
        mined = mine_negatives(
            asked.vectors, asked.about.tolist(), prose.vectors, own, [()] * len(own), [True] * len(own), seed=0
        )
        return [[negative.row for negative in each] for each in mined]

    def bare() -> list[list[int]]:
        rows = max(1, _BLOCK_FLOATS // len(prose.vectors))
        depth, best = min(rules.depth, len(prose.vectors)), []
        for start, end in pairwise([*range(0, len(own), rows), len(own)]):
            scores = asked.vectors[start:end] @ prose.vectors.T
            nearest = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
            order = np.argsort(-np.take_along_axis(scores, nearest, axis=1), axis=1, kind="stable")
            best += np.take_along_axis(nearest, order, axis=1).tolist()
        return best

    return {OURS: ours, PRODUCT: bare}
