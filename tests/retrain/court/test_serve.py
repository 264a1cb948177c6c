"""Questions in court get what people get: the same list, sources and refusals, within the same audiences."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import sqlalchemy as sa

from db.generations import Generation, StoredVectors, read_vectors, write_vectors
from db.models import EncodedQuestion
from db.search import (
    CANDIDATES,
    NOTHING,
    Passages,
    gather,
    read_shelf,
    read_written,
    score_words,
    search,
    unrelated_to,
    why_refused,
    worth_showing,
)
from db.store import raw_connection
from db.words import DEFAULT_LANGUAGES, read_question_words
from retrain.court.serve import Portion, Served, Shelf, Side, ranked, serve_questions
from retrain.measures import AskedText
from retrain.measures.served import no_words
from tests.corpus import add_document
from tests.synthetic import add_audience, imagine_generation, make_generation

WORDS = "ant bee cat dog elk fox gnu hen ibex jay kid lynx mole newt owl pig".split()
PORTION = Portion(20, 5)


def halves(n: int, draw: np.random.Generator) -> np.ndarray:
    """Vectors of four halves: all cosines are exact, and many are equal."""
    vectors = np.zeros((n, 16), np.float32)
    for vector in vectors:
        vector[draw.choice(8, 4, replace=False)] = draw.choice([-0.5, 0.5], 4)
    return vectors


class Asked:
    """An encoder of questions that are known."""

    dimension = 16

    def __init__(self, vectors: dict[str, np.ndarray]) -> None:
        self._vectors = vectors

    def encode_questions(self, texts: Sequence[str]) -> np.ndarray:
        nothing = np.zeros_like(next(iter(self._vectors.values())))
        return np.stack([self._vectors.get(text, nothing) for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros((len(texts), len(next(iter(self._vectors.values())))), dtype=np.float32)


def stocked(engine: sa.Engine, draw: np.random.Generator) -> tuple[Generation, int]:
    """A store of 40 documents with a few passages each, some of them copies; a third is for one audience alone."""
    secret = add_audience(engine, "secret")
    rows = []
    for number in range(40):
        audience = secret if number % 3 == 0 else 1
        passages = [("", " ".join(draw.choice(WORDS, draw.integers(1, 5)))) for _ in range(draw.integers(1, 6))]
        hits = add_document(engine, f"Page {number % 30}", passages, audience_id=audience, uri=f"file:///{number}")
        rows += [(hit.chunk_id, audience) for hit in hits]
    generation = make_generation(engine, dimension=16, unrelated_nearness=0.5)
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, rows, halves(len(rows), draw))
    return generation, secret


def test_what_is_judged_is_what_is_served(engine: sa.Engine) -> None:
    draw = np.random.default_rng(0)
    generation, secret = stocked(engine, draw)
    texts = [" ".join(draw.choice(WORDS, 3)) + f" {number}" for number in range(30)]
    vectors = dict(zip(texts, halves(30, draw), strict=True))
    asked = [AskedText(text, [(1,), (secret,), (1, secret)][place % 3]) for place, text in enumerate(texts)]
    stored = read_vectors(engine, generation)
    shelf = Shelf(read_shelf(engine), stored.audience_ids, partial(read_written, engine))
    refused: set[bool] = set()

    side = Side(generation, Asked(vectors), stored)  # type: ignore[arg-type]
    [served] = serve_questions([side], asked, shelf, partial(score_words, engine), PORTION)
    for question, own in zip(asked, served, strict=True):
        assert question.audience_ids is not None
        encoded = EncodedQuestion(question.text, vectors[question.text])
        hits = search(engine, generation, encoded, question.audience_ids, CANDIDATES, exact=True)
        assert own.documents == tuple(document.document_id for document in gather(hits))
        given = gather(hits[: PORTION.candidates])
        [words] = read_question_words(engine, [question.text], DEFAULT_LANGUAGES, question.audience_ids)
        unrelated = unrelated_to(generation)
        because = why_refused(encoded, words, given[: PORTION.sources], shelf.written, generation, side.encoder)
        refused.add(because is not None)
        assert own.refused is (because is not None)
        ranks = worth_showing(given, unrelated)
        expected = (given if because else [given[rank - 1] for rank in ranks])[: PORTION.sources]
        assert [[passage.chunk_id for passage in source.passages] for source in own.sources] == [
            [passage.chunk_id for passage in source.passages] for source in expected
        ]
    assert any(own.sources[0].lead.words > 0 for own in served)
    assert refused == {True, False}


def serve_one(*, audience_ids: tuple[int, ...] | None = None, unrelated: float = -9.0) -> Served:
    ids = np.arange(3)
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    passages = Passages(ids, np.array([7, 8, 7]), ids)
    encoder = Asked({"q": np.array([1, 0], dtype=np.float32)})
    stored = StoredVectors(ids, np.ones_like(ids), vectors)
    side = Side(imagine_generation(unrelated_nearness=unrelated, unrelated_spread=0.01), encoder, stored)  # type: ignore[arg-type]
    shelf = Shelf(passages, np.array([1, 2, 1]))
    return serve_questions([side], [AskedText("q", audience_ids)], shelf, no_words, Portion(2, 5), [[0, 1, 9]])[0][0]


def test_a_side_gives_the_vectors_of_the_chunks_that_are_asked_for() -> None:
    ids = np.array([3, 5, 9])
    vectors = np.eye(3, dtype=np.float32)
    side = Side(imagine_generation(), Asked({}), StoredVectors(ids, np.ones_like(ids), vectors))  # type: ignore[arg-type]
    assert np.array_equal(side.on_chunks(ids)[:], vectors)
    assert np.array_equal(side.on_chunks(ids[[0, 2]])[:], vectors[[0, 2]])


def test_a_question_sees_its_audiences_alone() -> None:
    assert serve_one().documents == (7, 8)
    assert serve_one(audience_ids=(2,)).documents == (8,)
    assert serve_one(audience_ids=()).documents == ()
    assert serve_one(audience_ids=()).refused


def test_scores_are_of_what_was_asked_about_and_is_seen() -> None:
    scores = serve_one(audience_ids=(2,)).scores
    assert scores[1] == np.float32(0.8)
    assert np.isnan([scores[0], scores[9]]).all()


def test_a_refusal_keeps_what_would_have_been_shown() -> None:
    silent = serve_one(unrelated=9.0)
    assert (silent.refused, silent.answered.documents) == (True, (7, 8))
    few = serve_one(unrelated=0.85)
    assert (few.refused, few.answered.documents) == (False, (7,))


def test_a_ranking_is_filled_up() -> None:
    rows = ranked([serve_one(), serve_one(audience_ids=())])
    assert rows.shape == (2, CANDIDATES)
    assert rows[0, :3].tolist() == [7, 8, NOTHING]
    assert (rows[1] == NOTHING).all()
