"""Searching a stocked store by vectors, by words, by both, and as who may see little; beside bare statements.

Ours orders fifty passages by what is in their texts, which no statement does: the floor of a search is a bare statement
and then the plainest code that orders its fifty ids likewise. The statement alone stands beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from benchmarks.speed.bare import Bare, K, bare_searches
from benchmarks.speed.measure import OURS, Comparison, Show, take_turns
from benchmarks.speed.order import PlainOrder, compare_ordering
from benchmarks.speed.plans import indexes_used
from benchmarks.speed.stock import Stock
from db.errors import NightshiftError
from db.generations import read_vectors
from db.search import QuestionTerms, Written, score_words, search

if TYPE_CHECKING:
    from db.models import EncodedQuestion

BARE = "of it the statement, ids"
ORDERED = "bare statement, its ids ordered"
STATEMENTS = "bare statements, ids"
BOTH = "both bare statements, their ids ordered"
EVERYONE = "who may see everything"

VECTORS_LIMIT, FUSED_LIMIT, FEW_LIMIT = 1.25, 1.2, 2.0

MANY = 20_000
"""Passages from which on nobody reads each vector who may see them all."""

SHOWN = 10
"""Chunks that are asked for."""

_ROUNDS_AT_ONCE = 7

Item = TypeVar("Item")


def compare_searching(stock: Stock, rounds: int, show: Show) -> Iterator[Comparison]:
    """One for each way; every round is a search with the next question."""
    questions = stock.questions
    ids = read_vectors(stock.engine, stock.generation).chunk_ids.tolist()
    plain = PlainOrder(stock.prose, ids, stock.generation.ranking)
    with bare_searches(stock.engine, stock.generation) as bare:
        yield _by_vectors(stock, bare, plain, questions, rounds, show)
        yield _by_words(stock, bare, questions, show)
        yield _by_both(stock, bare, plain, questions, rounds, show)
    yield _as_few(stock, questions, rounds, show)
    yield compare_ordering(stock.prose, stock.asked.texts, rounds, show)


def found(stock: Stock, question: EncodedQuestion, audiences: Sequence[int], *, exact: bool = False) -> list[int]:
    """The ids that our search finds."""
    hits = search(stock.engine, stock.generation, question, audiences, SHOWN, exact=exact)
    return [hit.chunk_id for hit in hits]


def recall(stock: Stock, questions: Sequence[EncodedQuestion], audiences: Sequence[int]) -> float:
    """Share of what reading every vector finds that our search finds too."""
    shares = []
    for question in questions:
        wanted = found(stock, question, audiences, exact=True)
        shares.append(len(set(wanted).intersection(found(stock, question, audiences))) / max(1, len(wanted)))
    return float(np.mean(shares))


def _by_vectors(
    stock: Stock, bare: Bare, plain: PlainOrder, questions: Sequence[EncodedQuestion], rounds: int, show: Show
) -> Comparison:
    def ordered(question: EncodedQuestion) -> list[int]:
        return plain.order(question.text, bare.vectors(question, stock.everyone))

    wordless = [replace(question, text="") for question in questions]
    contenders = {
        OURS: _each(wordless, lambda question: found(stock, question, stock.everyone)),
        ORDERED: _each(wordless, ordered),
        BARE: _each(wordless, lambda question: bare.vectors(question, stock.everyone)),
    }
    seconds = take_turns(contenders, rounds, show=show)
    used = _require_index(stock, indexes_used(stock.engine, contenders[OURS]))
    facts: dict[str, float | str] = {
        "recall@10": recall(stock, wordless, stock.everyone),
        "breadth": stock.generation.ef_search,
    }
    facts |= {**_ordering(stock, wordless), **_told(used)}
    return Comparison(f"search {_size(stock)} by vectors", "search", VECTORS_LIMIT, seconds, facts)


def _by_words(stock: Stock, bare: Bare, questions: Sequence[EncodedQuestion], show: Show) -> Comparison:
    """Many questions at once, as nights score them."""
    texts = [question.text for question in questions]
    contenders: dict[str, Callable[[], object]] = {
        OURS: lambda: score_words(stock.engine, texts, stock.everyone, K),
        STATEMENTS: lambda: [bare.words(question, stock.everyone) for question in questions],
    }
    seconds = take_turns(contenders, _ROUNDS_AT_ONCE, units=len(questions), show=show)
    alike = [
        len(set(scored.chunk_ids.tolist()).intersection(bare.words(question, stock.everyone))) / K
        for question, scored in zip(questions, score_words(stock.engine, texts, stock.everyone, K), strict=True)
    ]
    return Comparison(
        f"search {_size(stock)} by words, {len(questions)} questions at once",
        "search",
        None,
        seconds,
        {f"of the {K} best the same": float(np.mean(alike))},
    )


def _by_both(
    stock: Stock, bare: Bare, plain: PlainOrder, questions: Sequence[EncodedQuestion], rounds: int, show: Show
) -> Comparison:
    def both(question: EncodedQuestion) -> list[int]:
        ids = dict.fromkeys(bare.vectors(question, stock.everyone) + bare.words(question, stock.everyone))
        return plain.order(question.text, list(ids)[:K])

    contenders = {
        OURS: _each(questions, lambda question: found(stock, question, stock.everyone)),
        BOTH: _each(questions, both),
        "of it the vectors": _each(questions, lambda question: bare.vectors(question, stock.everyone)),
        "of it the words": _each(questions, lambda question: bare.words(question, stock.everyone)),
    }
    seconds = take_turns(contenders, rounds, show=show)
    used = _require_index(stock, indexes_used(stock.engine, contenders[OURS]))
    facts = {"recall@10": recall(stock, questions, stock.everyone)} | _ordering(stock, questions) | _told(used)
    return Comparison(f"search {_size(stock)} by words and vectors", "search", FUSED_LIMIT, seconds, facts)


def _as_few(stock: Stock, questions: Sequence[EncodedQuestion], rounds: int, show: Show) -> Comparison:
    contenders = {
        OURS: _each(questions, lambda question: found(stock, question, [stock.few])),
        EVERYONE: _each(questions, lambda question: found(stock, question, stock.everyone)),
    }
    seconds = take_turns(contenders, rounds, show=show)
    facts = {"recall@10": recall(stock, questions, [stock.few])} | _told(indexes_used(stock.engine, contenders[OURS]))
    return Comparison(f"search {_size(stock)} as who may see 1%", "search", FEW_LIMIT, seconds, facts)


def _each(questions: Sequence[EncodedQuestion], find: Callable[[EncodedQuestion], Item]) -> Callable[[], Item]:
    """Finds with the next question each time."""
    following = cycle(questions)
    return lambda: find(next(following))


def _size(stock: Stock) -> str:
    return f"{len(stock.prose.texts):,} passages"


def _require_index(stock: Stock, used: Sequence[str]) -> Sequence[str]:
    """Where there are many passages, vectors must be read through their index, or the times are of something else."""
    if len(stock.prose.texts) >= MANY and not any(name.endswith("_hnsw") for name in used):
        raise NightshiftError(f"Among {_size(stock)} a search doesn't use the vectors' index, but {used}.")
    return used


def _ordering(stock: Stock, questions: Sequence[EncodedQuestion]) -> dict[str, float]:
    """Milliseconds a question that it takes to look for its words in the texts that were found: no statement does."""
    hits_of = [search(stock.engine, stock.generation, question, stock.everyone, K) for question in questions]
    began = time.perf_counter()
    for question, hits in zip(questions, hits_of, strict=True):
        terms = QuestionTerms(question.text, stock.generation.languages)
        for hit in hits:
            terms.said_by(Written(hit.title, hit.section, hit.text))
    return {"of ours, ordering (ms)": 1000 * (time.perf_counter() - began) / len(questions)}


def _told(indexes: Sequence[str]) -> dict[str, str]:
    return {"indexes in the plan": ", ".join(indexes) or "none"}
