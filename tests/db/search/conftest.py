"""A corpus to search in, made once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray
from psycopg import sql

from db.generations.vectors import build_index, write_vectors
from db.search import Hit, search
from db.store import create_engine, raw_connection
from tests.conftest import maintenance_connection, on_database
from tests.synthetic import add_audience, add_chunks, make_generation, question_at, unit_vectors

N, FEW = 5000, 50
DIMENSION = 32
VECTORS = unit_vectors(N, DIMENSION, clusters=100)
QUESTIONS = unit_vectors(40, DIMENSION, seed=7)


class Corpus:
    """5,000 clustered vectors, every hundredth of them for `few` alone, the others public."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.few = add_audience(engine, "few")
        self.nobody = add_audience(engine, "nobody")
        public, few = iter(add_chunks(engine, N - FEW)), iter(add_chunks(engine, FEW, audience_id=self.few))
        self.rows = [next(few if index % (N // FEW) == 0 else public) for index in range(N)]
        self.generation = replace(make_generation(engine, dimension=DIMENSION), ef_search=200)
        with raw_connection(engine) as raw:
            write_vectors(raw, self.generation, self.rows, VECTORS)
            build_index(raw, self.generation)
            raw.execute("ANALYZE chunk, document")

    def find(
        self, question: NDArray[np.float32], audience_ids: Sequence[int], k: int, *, exact: bool = False
    ) -> list[Hit]:
        return search(self.engine, self.generation, question_at(question), audience_ids, k, exact=exact)

    def nearest(self, question: NDArray[np.float32], audience_ids: Sequence[int], k: int) -> list[int]:
        """The ids that are right, by numpy."""
        visible = np.array([audience_id in audience_ids for _, audience_id in self.rows])
        halves = VECTORS.astype(np.float16).astype(np.float64)
        distances = 1 - halves @ question.astype(np.float16).astype(np.float64) / np.linalg.norm(halves, axis=1)
        return [self.rows[index][0] for index in np.argsort(np.where(visible, distances, np.inf))[:k]]


@pytest.fixture(scope="module")
def corpus_url(postgres_server: str, template_database: str) -> Iterator[str]:
    with maintenance_connection(postgres_server) as connection:
        connection.execute(sql.SQL("CREATE DATABASE searched TEMPLATE {}").format(sql.Identifier(template_database)))
    yield on_database(postgres_server, "searched")
    with maintenance_connection(postgres_server) as connection:
        connection.execute("DROP DATABASE searched WITH (FORCE)")


@pytest.fixture(scope="module")
def corpus(corpus_url: str) -> Iterator[Corpus]:
    """Made once: no test here changes it."""
    engine = create_engine(corpus_url)
    yield Corpus(engine)
    engine.dispose()
