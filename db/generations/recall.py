"""How much of the exact result a generation's index finds, and how widely it must be searched for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import sql

from db.generations.catalogue import set_breadth
from db.generations.generation import Generation
from db.generations.vectors import build_index
from db.nights import Lease, require_lease
from db.store import raw_connection

BREADTHS = (40, 100, 200, 400, 800)
"""hnsw.ef_search values to try; pgvector's default is 40, its limit 1,000."""

EXACT_UP_TO = 5_000
"""Chunks of which each vector is read, where a reader may see no more: 2 ms of the server's time, nothing missed.

The index takes .5 to .9 ms, among 3,000 (1.2 ms exactly) as among 100,000; among 10,000 all vectors take 3.7.
"""

_K = 10


@dataclass(frozen=True, slots=True)
class IndexRecall:
    """The narrowest breadth that reached the floor, or the widest there is, and its recall@10."""

    ef_search: int
    recall: float


def build_and_measure_index(
    engine: sa.Engine,
    generation: Generation,
    floor: float,
    questions: NDArray[np.float32],
    lease: Lease | None = None,
) -> tuple[Generation, IndexRecall]:
    """Builds the index where it isn't, sweeps its breadth against exact search, and stores the choice.

    What is judged is what the vectors put up for the list that is served, not the list: words put up theirs whatever
    the index misses, so the list misses less (it had .994 where the vectors had .948), and how much words count may
    differ among generations that share an index. `questions` (n, dim) are vectors to search with: see
    `typical_questions`; without any the breadth stays as it is. `lease` is of the night whose candidate it is.

    Raises:
        StaleRunError: that night was taken over.
    """
    with raw_connection(engine) as raw:
        build_index(raw, generation)
    measured = _sweep(engine, generation, questions, floor)
    with engine.begin() as connection:
        if lease is not None:
            require_lease(connection, lease)
        return set_breadth(connection, generation, measured.ef_search), measured


def nearest_distances(
    engine: sa.Engine, generation: Generation, vector: NDArray[np.float32], k: int, *, ef_search: int | None
) -> list[float]:
    """Cosine distances of the `k` nearest chunks, through the index at that breadth, or exact where it is None."""
    # the index serves no sum
    order = "(embedding <=> %(vector)b) + 0" if ef_search is None else "embedding <=> %(vector)b"
    query = sql.SQL("SELECT embedding <=> %(vector)b AS distance FROM {} ORDER BY {} LIMIT %(k)s").format(
        sql.Identifier(generation.table), sql.SQL(order)
    )
    with raw_connection(engine) as raw:
        if ef_search is not None:
            # on a small table the planner would rather read everything, and nothing would be measured
            raw.execute(
                "SELECT set_config('hnsw.ef_search', %s, true), set_config('enable_seqscan', 'off', true)",
                (str(ef_search),),
            )
        with raw.cursor(binary=True) as cursor:
            return [row[0] for row in cursor.execute(query, {"vector": HalfVector(vector), "k": k})]


def measure_recall(engine: sa.Engine, generation: Generation, questions: NDArray[np.float32], ef_search: int) -> float:
    """recall@10 at one breadth, against exact search; 1 without any questions (n, dim)."""
    exact = _search_all(engine, generation, questions, None)
    return _recall(_search_all(engine, generation, questions, ef_search), exact)


def _sweep(engine: sa.Engine, generation: Generation, questions: NDArray[np.float32], floor: float) -> IndexRecall:
    if not len(questions):
        return IndexRecall(generation.ef_search, 1.0)
    exact = _search_all(engine, generation, questions, None)
    measured = IndexRecall(BREADTHS[0], 0.0)
    for ef_search in BREADTHS:
        measured = IndexRecall(ef_search, _recall(_search_all(engine, generation, questions, ef_search), exact))
        if measured.recall >= floor:
            break
    return measured


def _search_all(
    engine: sa.Engine, generation: Generation, questions: NDArray[np.float32], ef_search: int | None
) -> list[list[float]]:
    return [nearest_distances(engine, generation, vector, _K, ef_search=ef_search) for vector in questions]


def _recall(found: Sequence[Sequence[float]], exact: Sequence[Sequence[float]]) -> float:
    """Share of the exact k that was found, by distance, so that equally near chunks stand in for each other."""
    shares = [
        sum(distance <= truth[-1] + 1e-6 for distance in distances) / len(truth)
        for distances, truth in zip(found, exact, strict=True)
        if truth
    ]
    return float(np.mean(shares)) if shares else 1.0
