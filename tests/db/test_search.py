"""Search: the nearest chunks of those that the audience may see, through the index, whatever else there is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray
from pgvector import HalfVector

from db import search as search_module
from db.engine import RawConnection, create_engine, raw_connection, reading_connection
from db.generation import Generation
from db.search import Hit, nearest_distances, search
from db.vectors import build_index, write_vectors
from tests.synthetic import add_audience, add_chunks, make_generation, unit_vectors

N, FEW = 5000, 50
DIMENSION = 32
VECTORS = unit_vectors(N, DIMENSION, clusters=100)
QUESTIONS = unit_vectors(40, DIMENSION, seed=7)


class Corpus:
    """5,000 clustered vectors, every hundredth of them for `few` alone, the others public."""

    def __init__(self, engine: sa.Engine, *, indexed: bool = True) -> None:
        self.engine = engine
        self.few = add_audience(engine, "few")
        self.nobody = add_audience(engine, "nobody")
        is_few = np.arange(N) % (N // FEW) == 0
        public, few = iter(add_chunks(engine, N - FEW)), iter(add_chunks(engine, FEW, audience_id=self.few))
        self.rows = [next(few if flag else public) for flag in is_few]
        self.generation = make_generation(engine, dimension=DIMENSION, ef_search=200)
        with raw_connection(engine) as raw:
            write_vectors(raw, self.generation, self.rows, VECTORS)
            if indexed:
                build_index(raw, self.generation)
            raw.execute("ANALYZE chunk, document")

    def nearest(self, question: NDArray[np.float32], audience_ids: Sequence[int], k: int) -> list[int]:
        """The right answer, by numpy."""
        visible = np.array([audience_id in audience_ids for _, audience_id in self.rows])
        halves = VECTORS.astype(np.float16).astype(np.float64)
        distances = 1 - halves @ question.astype(np.float16).astype(np.float64) / np.linalg.norm(halves, axis=1)
        return [self.rows[index][0] for index in np.argsort(np.where(visible, distances, np.inf))[:k]]


@pytest.fixture
def corpus(engine: sa.Engine) -> Corpus:
    return Corpus(engine)


def ids(hits: list[Hit]) -> list[int]:
    return [hit.chunk_id for hit in hits]


def test_exact_search_is_exact_and_the_index_comes_close(corpus: Corpus) -> None:
    found = 0
    for question in QUESTIONS:
        right = corpus.nearest(question, [1], 10)
        exact = search(corpus.engine, corpus.generation, question, [1], 10, exact=True)
        assert ids(exact) == right
        indexed = search(corpus.engine, corpus.generation, question, [1], 10)
        similarities = [hit.similarity for hit in indexed]
        assert similarities == sorted(similarities, reverse=True)
        found += len(set(ids(indexed)) & set(right))
    assert found / (10 * len(QUESTIONS)) >= 0.99


def test_a_hit_carries_its_chunk_and_its_document(corpus: Corpus) -> None:
    [hit] = search(corpus.engine, corpus.generation, VECTORS[1], [1], 1)
    assert hit.chunk_id == corpus.rows[1][0]
    assert (hit.title, hit.uri, hit.section, hit.text, hit.ordinal) == ("Title", "file:0.md", "", "Passage 1", 1)
    assert hit.similarity == pytest.approx(1, abs=1e-3)


def test_who_may_see_one_percent_still_gets_k_through_the_index(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_exact_search(monkeypatch)
    with raw_connection(corpus.engine) as raw:
        raw.execute("SELECT set_config('hnsw.max_scan_tuples', '20000', false)")
        raw.commit()
    for question in QUESTIONS:
        hits = search(corpus.engine, corpus.generation, question, [corpus.few], 5)
        assert len(hits) == 5
        assert len(set(ids(hits)) & set(corpus.nearest(question, [corpus.few], 5))) >= 4


def forbid_exact_search(monkeypatch: pytest.MonkeyPatch) -> None:
    through_index = search_module._statement

    def only_through_index(table: str, k: int, exact: bool) -> str:
        assert not exact
        return through_index(table, k, exact)

    monkeypatch.setattr(search_module, "_statement", only_through_index)


def test_where_the_index_gives_up_the_few_that_may_be_seen_are_read_exactly(corpus: Corpus) -> None:
    for question in QUESTIONS[:10]:
        with reading_connection(corpus.engine) as (raw, _):
            raw.execute("SELECT set_config('hnsw.max_scan_tuples', '1', false)")
        hits = search(corpus.engine, corpus.generation, question, [corpus.few], 20)
        assert ids(hits) == corpus.nearest(question, [corpus.few], 20)
        assert len(search(corpus.engine, corpus.generation, question, [corpus.few], FEW + 10)) == FEW


def test_nothing_outside_the_audiences_is_ever_returned(corpus: Corpus) -> None:
    audience_of = dict(corpus.rows)
    for audience_ids in [1], [corpus.few], [corpus.nobody], [], [1, corpus.few], [corpus.nobody, corpus.few, 99]:
        for exact in False, True:
            for question in QUESTIONS[:5]:
                hits = search(corpus.engine, corpus.generation, question, audience_ids, 60, exact=exact)
                assert {audience_of[hit.chunk_id] for hit in hits} <= set(audience_ids)
                expected = sum(audience_id in audience_ids for _, audience_id in corpus.rows)
                assert len(hits) == min(60, expected)


def test_a_document_that_was_withdrawn_is_not_shown_even_if_its_vectors_were_left_behind(corpus: Corpus) -> None:
    with raw_connection(corpus.engine) as raw:
        raw.execute("UPDATE document SET audience_id = %s WHERE audience_id = 1", (corpus.nobody,))
    for exact in False, True:
        assert search(corpus.engine, corpus.generation, QUESTIONS[0], [1], 5, exact=exact) == []


def test_of_equally_near_chunks_the_lower_id_comes_first(engine: sa.Engine) -> None:
    generation = make_generation(engine, dimension=DIMENSION)
    rows = add_chunks(engine, 6)
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, rows[::-1], np.repeat(VECTORS[:1], 6, axis=0))
    expected = [chunk_id for chunk_id, _ in rows]
    assert ids(search(engine, generation, VECTORS[0], [1], 4, exact=True)) == expected[:4]
    assert ids(search(engine, generation, VECTORS[0], [1], 6)) == expected


@pytest.mark.parametrize("plan_cache_mode", ["force_custom_plan", "force_generic_plan"])
def test_the_index_is_used_and_an_exact_search_uses_the_one_on_audiences(corpus: Corpus, plan_cache_mode: str) -> None:
    with raw_connection(corpus.engine) as raw:
        raw.execute("SELECT set_config('plan_cache_mode', %s, true)", (plan_cache_mode,))
        indexed = explain(raw, corpus.generation, [1], exact=False)
        assert f"Index Scan using {corpus.generation.table}_hnsw" in indexed
        assert "Seq Scan" not in indexed
        assert "_hnsw" not in explain(raw, corpus.generation, [1], exact=True)
        raw.execute("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
        assert f"{corpus.generation.table}_audience" in explain(raw, corpus.generation, [corpus.few], exact=True)
        assert f"{corpus.generation.table}_hnsw" in explain(raw, corpus.generation, [corpus.few], exact=False)


def explain(raw: RawConnection, generation: Generation, audience_ids: list[int], *, exact: bool) -> str:
    """The plan as it is kept for a prepared statement."""
    names = {"vector": "$1", "audiences": "$2"}
    statement = re.sub(
        r"%\((\w+)\)[sb]", lambda match: names[match[1]], search_module._statement(generation.table, 5, exact)
    )
    raw.execute(f"PREPARE explained (halfvec, bigint[]) AS {statement}")
    rows = raw.execute(
        f"EXPLAIN EXECUTE explained ('{HalfVector(QUESTIONS[0]).to_text()}', '{set(audience_ids)}')"
    ).fetchall()
    raw.execute("DEALLOCATE explained")
    return "\n".join(row[0] for row in rows)


def test_each_generation_is_searched_as_broadly_as_it_asks_on_one_connection(
    engine: sa.Engine, database_url: str
) -> None:
    narrow, broad = (Corpus(engine, indexed=False).generation for _ in range(1)), None
    del narrow, broad
    one = create_engine(database_url, pool_size=1)
    generation = make_generation(engine, dimension=DIMENSION)
    seen = []
    for ef_search in 40, 200, 200, 40:
        search(one, replace(generation, ef_search=ef_search), QUESTIONS[0], [1], 5)
        with reading_connection(one) as (raw, _):
            seen.append((raw.info.backend_pid, raw.execute("SHOW hnsw.ef_search").fetchone()))
    one.dispose()
    assert [breadth for _, breadth in seen] == [("40",), ("200",), ("200",), ("40",)]
    assert len({pid for pid, _ in seen}) == 1


def test_a_connection_that_was_replaced_is_set_anew(engine: sa.Engine) -> None:
    generation = make_generation(engine, dimension=DIMENSION, ef_search=77)
    for _ in range(2):
        search(engine, generation, QUESTIONS[0], [1], 5)
        with reading_connection(engine) as (raw, _):
            assert raw.execute("SHOW hnsw.ef_search").fetchone() == ("77",)
            raw.execute("SELECT pg_terminate_backend(pg_backend_pid())") if False else None
        engine.dispose()


def test_distances_are_exact_or_through_the_index_as_asked(corpus: Corpus) -> None:
    everyone = [1, corpus.few]
    for question in QUESTIONS[:10]:
        exact = nearest_distances(corpus.engine, corpus.generation, question, 10, ef_search=None)
        hits = search(corpus.engine, corpus.generation, question, everyone, 10, exact=True)
        assert exact == pytest.approx([1 - hit.similarity for hit in hits])
        broad = nearest_distances(corpus.engine, corpus.generation, question, 10, ef_search=1000)
        assert broad == pytest.approx(exact)
    with reading_connection(corpus.engine) as (raw, _):
        assert raw.execute("SHOW enable_seqscan").fetchone() == ("on",)
