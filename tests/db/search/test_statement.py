"""Search: the nearest chunks of those that the audience may see, through the index, whatever else there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import sql

from db.generations import Generation
from db.generations.vectors import build_index, write_vectors
from db.search import statement as search_module
from db.search.found import Hit
from db.search.statement import search
from db.store import RawConnection, create_engine, raw_connection, reading_connection
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


@pytest.fixture
def forced(corpus: Corpus, corpus_url: str, request: pytest.FixtureRequest) -> Iterator[Corpus]:
    """The corpus, searched through the index however small it is; the scan gives up after so many vectors."""
    options = {"options": f"-c enable_seqscan=off -c hnsw.max_scan_tuples={request.param}"}
    engine = create_engine(sa.make_url(corpus_url).update_query_dict(options).render_as_string(hide_password=False))
    own = copy(corpus)
    own.engine = engine
    yield own
    engine.dispose()


def ids(hits: Sequence[Hit]) -> list[int]:
    return [hit.chunk_id for hit in hits]


def test_exact_search_is_exact_and_the_index_comes_close(corpus: Corpus) -> None:
    found = 0
    for question in QUESTIONS:
        right = corpus.nearest(question, [1], 10)
        assert ids(corpus.find(question, [1], 10, exact=True)) == right
        hits = corpus.find(question, [1], 10)
        similarities = [hit.similarity for hit in hits]
        assert similarities == sorted(similarities, reverse=True)
        found += len(set(ids(hits)) & set(right))
    assert found / (10 * len(QUESTIONS)) >= 0.99


def test_a_hit_carries_its_chunk_and_its_document(corpus: Corpus) -> None:
    [hit] = corpus.find(VECTORS[1], [1], 1)
    assert hit.chunk_id == corpus.rows[1][0]
    assert (hit.title, hit.uri, hit.section, hit.text, hit.ordinal) == ("Title", "file:0.md", "", "Passage 1", 1)
    assert hit.similarity == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("forced", [20_000], indirect=True)
def test_who_may_see_one_percent_still_gets_k_through_the_index(
    forced: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement_for = search_module._statement

    def only_through_the_index(table: str, k: int, exact: bool) -> str:
        assert not exact
        return statement_for(table, k, exact)

    monkeypatch.setattr(search_module, "_statement", only_through_the_index)
    found = 0
    for question in QUESTIONS:
        hits = forced.find(question, [forced.few], 5)
        assert len(hits) == 5
        found += len(set(ids(hits)) & set(forced.nearest(question, [forced.few], 5)))
    assert found / (5 * len(QUESTIONS)) >= 0.95


@pytest.mark.parametrize("forced", [1], indirect=True)
def test_where_the_index_gives_up_the_few_that_may_be_seen_are_read_exactly(forced: Corpus) -> None:
    for question in QUESTIONS[:10]:
        assert ids(forced.find(question, [forced.few], 20)) == forced.nearest(question, [forced.few], 20)


def test_nothing_outside_the_audiences_is_ever_returned(corpus: Corpus) -> None:
    audience_of = dict(corpus.rows)
    everybody = [1, corpus.few]
    for audience_ids in [1], [corpus.few], everybody, [corpus.nobody], [], [corpus.nobody, corpus.few, 99]:
        visible = sum(audience_id in audience_ids for _, audience_id in corpus.rows)
        for exact in False, True:
            for question in QUESTIONS[:5]:
                hits = corpus.find(question, audience_ids, 60, exact=exact)
                assert {audience_of[hit.chunk_id] for hit in hits} <= set(audience_ids)
                assert len(hits) == min(60, visible)


def test_a_document_that_was_withdrawn_is_not_shown_even_if_its_vectors_were_left_behind(engine: sa.Engine) -> None:
    generation = make_generation(engine, dimension=DIMENSION)
    nobody = add_audience(engine, "nobody")
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, add_chunks(engine, 3), VECTORS[:3])
    assert len(search(engine, generation, question_at(QUESTIONS[0]), [1], 5)) == 3
    with raw_connection(engine) as raw:
        raw.execute("UPDATE document SET audience_id = %s", (nobody,))
    for exact in False, True:
        assert search(engine, generation, question_at(QUESTIONS[0]), [1], 5, exact=exact) == []


def test_of_equally_near_chunks_the_lower_id_comes_first(engine: sa.Engine) -> None:
    generation = make_generation(engine, dimension=DIMENSION)
    rows = add_chunks(engine, 6)
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, rows[::-1], np.repeat(VECTORS[:1], 6, axis=0))
    expected = [chunk_id for chunk_id, _ in rows]
    assert ids(search(engine, generation, question_at(VECTORS[0]), [1], 4, exact=True)) == expected[:4]
    assert ids(search(engine, generation, question_at(VECTORS[0]), [1], 6)) == expected


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_the_index_is_used_by_a_plan_that_is_made_anew_and_by_one_that_is_kept(corpus: Corpus, mode: str) -> None:
    table = corpus.generation.table
    with raw_connection(corpus.engine) as raw:
        raw.execute("SELECT set_config('plan_cache_mode', %s, true), set_config('hnsw.ef_search', '40', true)", (mode,))
        plan = explain(raw, corpus.generation, [1], exact=False)
        assert f"Index Scan using {table}_hnsw" in plan
        assert f"Seq Scan on {table}" not in plan


def test_a_search_through_the_index_uses_no_other_and_an_exact_one_not_that(corpus: Corpus) -> None:
    table = corpus.generation.table
    with raw_connection(corpus.engine) as raw:
        assert f"Seq Scan on {table}" in explain(raw, corpus.generation, [1], exact=True)
        assert f"{table}_audience" in explain(raw, corpus.generation, [corpus.few], exact=True)
        raw.execute("SELECT set_config('enable_seqscan', 'off', true), set_config('hnsw.ef_search', '40', true)")
        assert f"{table}_hnsw" in explain(raw, corpus.generation, [1], exact=False)
        assert f"{table}_hnsw" not in explain(raw, corpus.generation, [1], exact=True)
        assert f"{table}_hnsw" in explain(raw, corpus.generation, [corpus.few], exact=False)


def explain(raw: RawConnection, generation: Generation, audience_ids: list[int], *, exact: bool) -> str:
    """The plan of the statement, prepared as it is when it is searched with."""
    statement = search_module._statement(generation.table, 5, exact)
    statement = re.sub(r"%\((\w+)\)[sb]", lambda match: {"vector": "$1", "audiences": "$2"}[match[1]], statement)
    raw.execute(f"PREPARE explained (halfvec, bigint[]) AS {statement}".encode())
    values = f"'{HalfVector(QUESTIONS[0]).to_text()}', ARRAY{audience_ids}"
    rows = raw.execute(f"EXPLAIN EXECUTE explained ({values})".encode()).fetchall()
    raw.execute("DEALLOCATE explained")
    return "\n".join(row[0] for row in rows)


def test_each_generation_is_searched_as_broadly_as_it_asks_on_one_connection(
    engine: sa.Engine, database_url: str
) -> None:
    generation = make_generation(engine, dimension=DIMENSION)
    one = create_engine(database_url, pool_size=1)
    seen = []
    for ef_search in 40, 200, 200, 70, 40:
        search(one, replace(generation, ef_search=ef_search), question_at(QUESTIONS[0]), [1], 5)
        with reading_connection(one) as (raw, _):
            seen.append((raw.info.backend_pid, raw.execute("SHOW hnsw.ef_search").fetchone()))
    one.dispose()
    assert [breadth for _, breadth in seen] == [("40",), ("200",), ("200",), ("70",), ("40",)]
    assert len({pid for pid, _ in seen}) == 1


def test_a_connection_that_replaces_a_lost_one_is_set_anew(engine: sa.Engine, database_url: str) -> None:
    generation = replace(make_generation(engine, dimension=DIMENSION), ef_search=77)
    search(engine, generation, question_at(QUESTIONS[0]), [1], 5)
    with reading_connection(engine) as (raw, _), maintenance_connection(database_url) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", (raw.info.backend_pid,))
    search(engine, generation, question_at(QUESTIONS[0]), [1], 5)
    with reading_connection(engine) as (raw, _):
        assert raw.execute("SHOW hnsw.ef_search").fetchone() == ("77",)
