"""Search: the best chunks of those that the audience may see, by the way that suits how many they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from db.corpus import list_documents_under, remove_documents
from db.generations.vectors import write_vectors
from db.models import EncodedQuestion
from db.search import searching
from db.search.found import Hit
from db.search.searching import search
from db.search.statement import Way
from db.store import RawConnection, create_engine, raw_connection, reading_connection
from tests.conftest import maintenance_connection
from tests.db.search.conftest import DIMENSION, QUESTIONS, VECTORS, Corpus
from tests.synthetic import add_audience, add_chunks, make_generation, question_at, serve


@pytest.fixture
def forced(corpus: Corpus, corpus_url: str, request: pytest.FixtureRequest) -> Iterator[Corpus]:
    """The corpus, searched through the index however small it is; the scan gives up after so many vectors."""
    options = {"options": f"-c enable_seqscan=off -c hnsw.max_scan_tuples={request.param}"}
    engine = create_engine(sa.make_url(corpus_url).update_query_dict(options).render_as_string(hide_password=False))
    own = copy(corpus)
    own.engine = engine
    yield own
    engine.dispose()


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How each search read the vectors, in their order."""
    taken: list[str] = []
    make = searching.statement

    def noting(table: str, k: int, way: Way, *, has_words: bool) -> str:
        taken.append(way)
        return make(table, k, way, has_words=has_words)

    monkeypatch.setattr(searching, "statement", noting)
    return taken


@pytest.fixture
def as_if_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may see as many as a search looks for is searched for through the index."""
    monkeypatch.setattr(searching, "EXACT_UP_TO", 0)
    monkeypatch.setattr(searching, "MOST_SCANNED", 10**9)


def ids(hits: Sequence[Hit]) -> list[int]:
    return [hit.chunk_id for hit in hits]


@pytest.mark.usefixtures("as_if_large")
def test_exact_search_is_exact_and_the_index_comes_close(corpus: Corpus, ways: list[str]) -> None:
    found = 0
    for question in QUESTIONS:
        right = corpus.nearest(question, [1], 10)
        assert ids(corpus.find(question, [1], 10, exact=True)) == right
        hits = corpus.find(question, [1], 10)
        similarities = [hit.similarity for hit in hits]
        assert similarities == sorted(similarities, reverse=True)
        found += len(set(ids(hits)) & set(right))
    assert found / (10 * len(QUESTIONS)) >= 0.99
    assert ways == ["few", "index"] * len(QUESTIONS)


def test_a_hit_carries_its_chunk_and_its_document(corpus: Corpus) -> None:
    [hit] = corpus.find(VECTORS[1], [1], 1)
    assert hit.chunk_id == corpus.rows[1][0]
    assert (hit.title, hit.uri, hit.section, hit.text, hit.ordinal) == ("Title", "file:0.md", "", "Passage 1", 1)
    assert hit.similarity == pytest.approx(1, abs=1e-3)


def test_of_few_chunks_each_vector_is_read_at_once(corpus: Corpus, ways: list[str]) -> None:
    for question in QUESTIONS[:10]:
        for audience_ids in [1], [corpus.few]:
            assert ids(corpus.find(question, audience_ids, 20)) == corpus.nearest(question, audience_ids, 20)
    assert ways == ["most", "few"] * 10


def test_who_sees_too_small_a_share_for_the_index_has_each_vector_read_at_once(
    corpus: Corpus, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "EXACT_UP_TO", 0)
    for audience_ids in [corpus.few], [1, corpus.few]:  # 1% of 2,000 are fewer than the 50 candidates
        assert len(corpus.find(QUESTIONS[0], audience_ids, 20)) == 20
    assert ways == ["few", "index"]


@pytest.mark.parametrize("forced", [20_000], indirect=True)
@pytest.mark.usefixtures("as_if_large")
def test_who_may_see_one_percent_still_gets_k_through_the_index(forced: Corpus, ways: list[str]) -> None:
    found = 0
    for question in QUESTIONS:
        hits = forced.find(question, [forced.few], 5)
        assert len(hits) == 5
        found += len(set(ids(hits)) & set(forced.nearest(question, [forced.few], 5)))
    assert found / (5 * len(QUESTIONS)) >= 0.95
    assert ways == ["index"] * len(QUESTIONS)


@pytest.mark.parametrize("forced", [1], indirect=True)
@pytest.mark.usefixtures("as_if_large")
def test_where_the_index_gives_up_the_few_that_may_be_seen_are_read_exactly(forced: Corpus, ways: list[str]) -> None:
    for question in QUESTIONS[:10]:
        assert ids(forced.find(question, [forced.few], 20)) == forced.nearest(question, [forced.few], 20)
    assert ways == ["index", "few"] * 10


@pytest.mark.session
def test_how_much_may_be_seen_is_known_since_the_last_question(
    engine: sa.Engine, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "EXACT_UP_TO", 5)
    generation = make_generation(engine, dimension=DIMENSION)
    serve(engine, generation)
    counted: list[Sequence[int]] = []
    count = searching._count_seen

    def counting(raw: RawConnection, audience_ids: Sequence[int]) -> searching._Seen:
        counted.append(audience_ids)
        return count(raw, audience_ids)

    monkeypatch.setattr(searching, "_count_seen", counting)

    def find(n: int) -> None:
        for text in "", "Passage 1":
            assert len(search(engine, generation, EncodedQuestion(text, QUESTIONS[0]), [1], 20)) == n

    for n in 4, 8:
        rows = add_chunks(engine, 4)
        with raw_connection(engine) as raw:
            write_vectors(raw, generation, rows, VECTORS[n - 4 : n])
        find(n)
    assert ways == ["most", "most", "most", "index"], "the second question after it grew knows"
    uris = next(list_documents_under(engine, ""))
    for n in 4, 0:
        remove_documents(engine, [uris.pop()])
        find(n)
    assert ways[4:] == ["index", "most", "most", "most"]
    assert counted == [(1,), (1,)], "at first, and after nothing was found"


def test_nothing_outside_the_audiences_is_ever_returned(
    corpus: Corpus, as_if_large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    audience_of = dict(corpus.rows)
    everybody = [1, corpus.few]
    for audience_ids in [1], [corpus.few], everybody, [corpus.nobody], [], [corpus.nobody, corpus.few, 99]:
        visible = sum(audience_id in audience_ids for _, audience_id in corpus.rows)
        for exact in False, True:
            for number, vector in enumerate(QUESTIONS[:5]):
                question = EncodedQuestion(f"Which title has passage {number + 1}?", vector)
                hits = search(corpus.engine, corpus.generation, question, audience_ids, 60, exact=exact)
                assert {audience_of[hit.chunk_id] for hit in hits} <= set(audience_ids)
                assert len(hits) == min(60, visible)
                assert any(hit.words for hit in hits) == bool(visible)


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


@pytest.mark.session
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


@pytest.mark.session
def test_a_connection_that_replaces_a_lost_one_is_set_anew(engine: sa.Engine, database_url: str) -> None:
    generation = replace(make_generation(engine, dimension=DIMENSION), ef_search=77)
    search(engine, generation, question_at(QUESTIONS[0]), [1], 5)
    with reading_connection(engine) as (raw, _), maintenance_connection(database_url) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", (raw.info.backend_pid,))
    search(engine, generation, question_at(QUESTIONS[0]), [1], 5)
    with reading_connection(engine) as (raw, _):
        assert raw.execute("SHOW hnsw.ef_search").fetchone() == ("77",)
