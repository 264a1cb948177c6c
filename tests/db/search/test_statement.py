"""The statement's plan: through the indexes, made once; and what a question's words are worth to it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa
from pgvector import HalfVector

from db.corpus import DocumentDraft, draft_chunk, remove_documents, write_documents
from db.generations import Generation, Ranking, get_generation
from db.models import EncodedQuestion
from db.search import searching
from db.search.found import Hit
from db.search.searching import search
from db.search.statement import MOST_WORDS, Way, statement
from db.search.word_scores import score_words
from db.store import RawConnection, raw_connection, reading_connection
from db.words.postings import Indexed, write_indexed
from db.words.tokens import VERSION
from tests.db.search.conftest import QUESTIONS, Corpus
from tests.synthetic import HashingEncoder, add_audience, make_generation, serve, unit_vectors

PARAMETERS = ("vector", "audiences", "lexemes", "words", "weight")
VECTOR = unit_vectors(1)[0]


def write(engine: sa.Engine, texts: dict[str, str], audience_id: int = 1) -> None:
    """Documents of one chunk each, under the uris that are given."""
    drafts = [
        DocumentDraft(uri, "", text.encode(), [draft_chunk("", "", text)], audience_id) for uri, text in texts.items()
    ]
    write_documents(engine, drafts, lambda _, encoded: HashingEncoder().encode_passages(encoded))


@pytest.fixture
def generation(engine: sa.Engine) -> Generation:
    made = make_generation(engine)
    serve(engine, made)
    return made


def find(
    engine: sa.Engine, generation: Generation, text: str, audience_ids: Sequence[int] = (1,), k: int = 50
) -> dict[str, Hit]:
    """What is found, best first, by uri."""
    return {hit.uri: hit for hit in search(engine, generation, EncodedQuestion(text, VECTOR), audience_ids, k)}


def bm25(question: str, texts: dict[str, str]) -> dict[str, tuple[float, float]]:
    """Each text's BM25 and the idf of the question's words that it has, as shares of all the idf, the plain way."""
    split = {uri: Counter(text.split()) for uri, text in texts.items()}
    average = sum(map(Counter.total, split.values())) / len(texts)
    held = {word: sum(word in words for words in split.values()) for word in dict.fromkeys(question.split())}
    idf = {word: math.log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for word, n in held.items() if n}
    told = {}
    for uri, words in split.items():
        norm = 1.2 * (0.25 + 0.75 * words.total() / average)
        score = sum(idf[word] * words[word] * 2.2 / (words[word] + norm) for word in idf)
        told[uri] = score / sum(idf.values()), sum(idf[word] for word in idf if words[word]) / sum(idf.values())
    return told


@pytest.mark.parametrize("seed", range(3))
def test_each_passage_has_the_bm25_and_the_coverage_of_the_plain_way(
    engine: sa.Engine, generation: Generation, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    vocabulary = [f"w{number}" for number in range(40)]
    often = 1 / np.arange(1, 41)
    texts = {
        f"d:{number}": " ".join(draw.choice(vocabulary, draw.integers(1, 30), p=often / often.sum()))
        for number in range(45)
    }
    write(engine, texts)
    question = " ".join([*draw.choice(vocabulary, 6, replace=False), "unheard"])
    plain = bm25(question, texts)
    found = find(engine, generation, question)
    assert found.keys() == texts.keys()
    assert any(hit.words for hit in found.values())
    for uri, hit in found.items():
        assert (hit.words, hit.coverage) == pytest.approx(plain[uri], abs=2e-4)
        assert hit.score == pytest.approx(hit.similarity + 0.35 * hit.words + 0.1 * hit.pairs)


def test_what_no_reader_may_see_tells_nothing_of_how_rare_a_word_is(engine: sa.Engine, generation: Generation) -> None:
    write(engine, {"d:1": "alpha beta", "d:2": "beta gamma"})
    before = find(engine, generation, "alpha beta")
    write(engine, {f"s:{number}": "alpha delta" for number in range(9)}, add_audience(engine, "secret"))
    assert find(engine, generation, "alpha beta") == before


def test_words_find_what_is_far_by_meaning_and_readers_get_k_of_those_that_they_may_see(
    engine: sa.Engine, generation: Generation
) -> None:
    few = add_audience(engine, "few")
    write(engine, {f"p:{number}": f"filler w{number} zebra" for number in range(120)})
    write(engine, {f"f:{number}": f"filler w{number}" for number in range(60)}, few)
    far = list(find(engine, generation, "?", k=120))[-1]
    found = find(engine, replace(generation, ranking=Ranking(words=2.0)), f"where is w{far[2:]}?")
    assert next(iter(found)) == far and found[far].words > 0.9 and found[far].coverage == 1
    [vector] = HashingEncoder().encode_passages([f"filler w{far[2:]} zebra"])
    assert found[far].similarity == pytest.approx(float(vector @ VECTOR), abs=1e-3)
    assert len(find(engine, generation, "zebra filler", [few], 55)) == 55


def test_what_was_removed_or_moved_away_does_not_come_up_nor_take_another_s_place(
    engine: sa.Engine, generation: Generation
) -> None:
    few = add_audience(engine, "few")
    texts = {f"d:{number}": f"quagga w{number}" for number in range(400)}
    write(engine, texts)
    uris = list(texts)
    remove_documents(engine, uris[:150])
    write(engine, {uri: texts[uri] for uri in uris[150:300]}, few)
    found = find(engine, generation, "quagga", k=200)
    assert found.keys() == set(uris[300:])
    assert {round(hit.words, 6) for hit in found.values()} == {round(found[uris[300]].words, 6)} != {0.0}
    assert len(find(engine, generation, "quagga", [few], k=200)) == 150


def test_a_word_that_no_passage_has_any_more_counts_for_nothing(engine: sa.Engine, generation: Generation) -> None:
    write(engine, {"d:1": "zorilla burrow", "d:2": "paid leave", "d:3": "other leave"})
    remove_documents(engine, ["d:1"])
    told, untold = find(engine, generation, "zorilla paid leave"), find(engine, generation, "paid leave")
    assert [(uri, hit.words, hit.coverage) for uri, hit in told.items()] == [
        (uri, hit.words, hit.coverage) for uri, hit in untold.items()
    ]


def test_of_equal_scores_the_lower_document_and_chunk_come_first_where_the_list_is_cut_too(
    engine: sa.Engine, generation: Generation
) -> None:
    same = [draft_chunk("", "", "the same words") for _ in range(3)]
    drafts = [DocumentDraft(f"d:{number}", "", b"", same) for number in range(9)]
    write_documents(engine, drafts, lambda _, texts: np.repeat(VECTOR[None], len(texts), axis=0))
    with raw_connection(engine) as raw:  # documents whose order isn't that of their chunks
        raw.execute("UPDATE chunk SET document_id = 10 - document_id")
        expected = [tuple(row) for row in raw.execute("SELECT document_id, id FROM chunk ORDER BY 1, 2").fetchall()]
    for question in "same words", "?":
        for k in 1, 4, 8, 27:
            hits = search(engine, generation, EncodedQuestion(question, VECTOR), [1], k)
            assert [(hit.document_id, hit.chunk_id) for hit in hits] == expected[:k]


@pytest.mark.parametrize(
    "question", ["", "?", "what is the", "\U0001f642", "...", "the", "nothing-of-the-kind", "ありがとう", "x"]
)
def test_a_question_without_a_word_that_passages_have_is_searched_by_its_vector(
    engine: sa.Engine, generation: Generation, question: str
) -> None:
    texts = {f"d:{number}": f"leave w{number}" for number in range(5)}
    write(engine, texts)
    hits = list(find(engine, generation, question).values())
    assert [hit.score for hit in hits] == sorted((hit.similarity for hit in hits), reverse=True)
    assert len(hits) == 5 and {(hit.words, hit.coverage) for hit in hits} == {(0.0, 0.0)}


def test_of_a_long_question_the_rarest_words_count(engine: sa.Engine, generation: Generation) -> None:
    rare = [f"r{number}" for number in range(MOST_WORDS)]
    write(engine, {"d:rare": " ".join(rare), "d:1": "often", "d:2": "often and again"})
    long = "often " + " ".join(rare) + " x" * 5_000
    found = find(engine, generation, long)
    assert found["d:rare"].coverage == 1 and found["d:1"].words == 0
    assert find(engine, generation, "often r0")["d:1"].words > 0


@pytest.mark.parametrize("question", ["PROJ-1234", "1234", "proj 1234", "what about PROJ-1234?", "Proj"])
def test_a_code_is_found_whole_and_in_parts(engine: sa.Engine, generation: Generation, question: str) -> None:
    write(engine, {f"d:{number}": f"ticket number {number}" for number in range(8)} | {"d:code": "see PROJ-1234 first"})
    assert max(find(engine, generation, question).values(), key=lambda hit: hit.words).uri == "d:code"


def test_a_word_s_forms_in_several_languages_are_one_word(engine: sa.Engine, generation: Generation) -> None:
    with raw_connection(engine) as raw:
        write_indexed(raw, Indexed(("english", "german"), VERSION, None))
    write(engine, {"d:en": "the houses of the team", "d:de": "die Häuser und das Team", "d:no": "the trees of it"})
    generation = get_generation(engine, generation.id)
    found = find(engine, generation, "team")
    assert found["d:en"].coverage == found["d:de"].coverage == 1
    assert found["d:no"].coverage == 0


def test_a_word_s_forms_in_one_passage_are_not_more_passages_than_there_are(
    engine: sa.Engine, generation: Generation
) -> None:
    with raw_connection(engine) as raw:
        write_indexed(raw, Indexed(("english", "german"), VERSION, None))
    # "server" is "serv" in German, which in English is what "serves" is cut to
    write(engine, {f"d:{number}": f"the server serves the team {number}" for number in range(2)})
    write(engine, {"d:2": "the server that serves us"})
    generation = get_generation(engine, generation.id)
    found = find(engine, generation, "team server")
    assert found["d:0"].words > found["d:2"].words > 0
    assert found["d:0"].coverage == pytest.approx(1, abs=1e-4)
    [scored] = score_words(engine, ["team server"], [1])
    assert sorted(scored.scores.tolist()) == sorted(hit.words for hit in found.values())


@pytest.mark.session
@pytest.mark.parametrize("text", ["title passage", ""])
@pytest.mark.parametrize("up_to", [0, 10**6])
def test_the_plan_is_made_once_for_all_questions(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, text: str, up_to: int
) -> None:
    monkeypatch.setattr(searching, "EXACT_UP_TO", up_to)
    with reading_connection(corpus.engine) as (raw, _):
        raw.execute("DEALLOCATE ALL")
        raw._prepared.clear()
    for number in range(12):
        for audience_ids in [1], [1, corpus.few, corpus.nobody]:
            question = EncodedQuestion(f"{text} {number} " * (1 + number % 3) if text else "", QUESTIONS[number])
            search(corpus.engine, corpus.generation, question, audience_ids, 61)
    with reading_connection(corpus.engine) as (raw, _):
        kept = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%FIRST 61 ROWS%'"
        [(kept_plans, own_plans)] = raw.execute(kept).fetchall()
    assert own_plans <= 5 and kept_plans == 24 - own_plans


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_the_index_is_used_by_a_plan_that_is_made_anew_and_by_one_that_is_kept(corpus: Corpus, mode: str) -> None:
    table = corpus.generation.table
    with raw_connection(corpus.engine) as raw:
        raw.execute("SELECT set_config('plan_cache_mode', %s, true), set_config('hnsw.ef_search', '40', true)", (mode,))
        plan = explain(raw, corpus.generation, [1], "index")
        assert f"Index Scan using {table}_hnsw" in plan
        assert "pk_posting" in plan
        assert f"Seq Scan on {table}" not in plan and "Seq Scan on posting" not in plan


def test_a_search_through_the_index_uses_no_other_and_an_exact_one_not_that(corpus: Corpus) -> None:
    table = corpus.generation.table
    with raw_connection(corpus.engine) as raw:
        assert f"Seq Scan on {table}" in explain(raw, corpus.generation, [1], "few")
        assert f"{table}_audience" in explain(raw, corpus.generation, [corpus.few], "few")
        raw.execute("SELECT set_config('enable_seqscan', 'off', true), set_config('hnsw.ef_search', '40', true)")
        assert f"{table}_hnsw" in explain(raw, corpus.generation, [1], "index")
        assert f"{table}_hnsw" not in explain(raw, corpus.generation, [1], "few")
        assert f"{table}_hnsw" in explain(raw, corpus.generation, [corpus.few], "index")
        for audience_ids in [1], [corpus.few]:  # disabled, and yet the only one left
            assert f"Seq Scan on {table}" in explain(raw, corpus.generation, audience_ids, "most")


def explain(raw: RawConnection, generation: Generation, audience_ids: list[int], way: Way) -> str:
    """The plan of the statement, prepared as it is when it is searched with."""
    query = statement(generation.table, 5, way)
    query = re.sub(r"%\((\w+)\)[sb]", lambda match: f"${PARAMETERS.index(match[1]) + 1}", query)
    raw.execute(f"PREPARE explained (halfvec, bigint[], text[], int[], float8) AS {query}".encode())
    values = f"'{HalfVector(QUESTIONS[0]).to_text()}', ARRAY{audience_ids}, '{{titl,passag,7}}', '{{0,1,2}}', 0.35"
    rows = raw.execute(f"EXPLAIN EXECUTE explained ({values})".encode()).fetchall()
    raw.execute("DEALLOCATE explained")
    return "\n".join(row[0] for row in rows)
