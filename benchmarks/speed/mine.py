"""Mining negatives among all passages: `retrain.lesson` beside one blocked product, and bare words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise

import numpy as np

from benchmarks.speed.bare import Bare, bare_searches
from benchmarks.speed.measure import OURS, Comparison, Show, take_turns
from benchmarks.speed.prose import Asked, ask_about
from benchmarks.speed.stock import Stock, encoded
from db.generations import read_vectors
from db.search import score_words
from retrain.lesson import Anchor, Corpus, MiningRules, mine_negatives
from retrain.measures import AskedText, Words

LEAST = "a product and its best, and bare words"
PRODUCT = "of it the product, numpy"
BY_VECTORS = "of ours by vectors alone"
BY_WORDS = "of ours the words"
LIMIT = 1.3

QUESTIONS = 500
_BLOCK_FLOATS = 4_000_000


def compare_mining(stock: Stock, rounds: int, show: Show) -> Comparison:
    """Each round mines for all questions, each with its passage as the positive: by words and vectors, as nights do."""
    asked = ask_about(stock.prose, QUESTIONS, seed=2)
    with bare_searches(stock.engine, stock.generation) as bare:
        contenders = miners(stock, asked, corpus_of(stock, asked), bare)
        seconds = take_turns(contenders, rounds, units=QUESTIONS, show=show)
    return Comparison(f"mine among {len(stock.prose.texts):,} passages", "question", LIMIT, seconds)


def corpus_of(stock: Stock, asked: Asked) -> Corpus:
    """What a night would mine: the stored vectors, and the questions as they are served."""
    anchors = [Anchor("pair", number) for number in range(len(asked.texts))]
    return Corpus(
        read_vectors(stock.engine, stock.generation),
        dict(zip(anchors, asked.vectors, strict=True)),
        dict(zip(anchors, map(AskedText, asked.texts), strict=True)),
        Words(partial(score_words, stock.engine), stock.generation.ranking.words_weight),
    )


def miners(stock: Stock, asked: Asked, corpus: Corpus, bare: Bare) -> Mapping[str, Callable[[], object]]:
    """Each gives rows of passages for each question: ours those that may stand against it, numpy the best.

    The least that mining by both takes is a product and its best, and a bare statement by words for each question.
    """
    prose, questions = stock.prose, encoded(asked)
    rules = MiningRules()
    own = [{int(row)} for row in asked.about]
    anchors = list(corpus.questions)

    def mine(*, beside: bool) -> list[list[int]]:
        mined = mine_negatives(
            asked.vectors,
            asked.about.tolist(),
            corpus.stored.vectors,
            own,
            [()] * len(own),
            [True] * len(own),
            seed=0,
            beside=(lambda start, stop: corpus.beside(anchors[start:stop])) if beside else None,
        )
        return [[negative.row for negative in each] for each in mined]

    def multiply() -> list[list[int]]:
        rows = max(1, _BLOCK_FLOATS // len(prose.vectors))
        depth, best = min(rules.depth, len(prose.vectors)), []
        for start, end in pairwise([*range(0, len(own), rows), len(own)]):
            scores = asked.vectors[start:end] @ prose.vectors.T
            nearest = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
            order = np.argsort(-np.take_along_axis(scores, nearest, axis=1), axis=1, kind="stable")
            best += np.take_along_axis(nearest, order, axis=1).tolist()
        return best

    return {
        OURS: lambda: mine(beside=True),
        LEAST: lambda: (multiply(), [bare.words(question, stock.everyone) for question in questions]),
        PRODUCT: multiply,
        BY_VECTORS: lambda: mine(beside=False),
        BY_WORDS: lambda: corpus.beside(anchors),
    }
