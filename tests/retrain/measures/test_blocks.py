"""Blocks change no rank, whatever ties, and memory doesn't grow with the questions."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any, cast
from unittest.mock import patch

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from db.corpus import read_documents_of_chunks
from db.generations import StoredVectors, read_vectors, write_vectors
from db.search import NOTHING, rank_documents, search
from db.store import raw_connection
from retrain.court import Side, comparable_floor, gather_evidence
from retrain.court.evidence import Evidence
from retrain.lesson import AnchorText, Lesson, Snapshot
from retrain.lesson.labels import Anchor, Label
from retrain.measures import blocks
from retrain.measures.blocks import rank_in_blocks, score_in_blocks
from tests.synthetic import add_chunks, make_generation, question_at, unit_vectors

WHOLE = st.integers(-3, 3)
"""Of vectors of small whole numbers the products are exact, and many are equal."""


def vectors_of(n: st.SearchStrategy[int]) -> st.SearchStrategy[NDArray[np.float32]]:
    rows = n.flatmap(lambda count: st.lists(st.tuples(WHOLE, WHOLE), min_size=count, max_size=count))
    return rows.map(lambda own: np.array(own, dtype=np.float32).reshape(-1, 2))


@given(vectors_of(st.integers(0, 12)), vectors_of(st.integers(0, 30)), st.data())
def test_documents_are_ranked_as_all_scores_at_once_would_rank_them(
    questions: NDArray[np.float32], chunks: NDArray[np.float32], data: st.DataObject
) -> None:
    documents = np.array([data.draw(st.integers(0, 8)) for _ in chunks], dtype=np.int64)
    k, floats = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 200))
    with patch.object(blocks, "BLOCK_FLOATS", floats):
        ranked = rank_in_blocks(questions, chunks, documents, k)
    scores = questions @ chunks.T
    best = [{d: max(row[documents == d]) for d in documents.tolist()} for row in scores]
    wanted = [sorted(own, key=lambda d: (-own[d], d))[:k] for own in best]
    assert ranked.tolist() == [own + [NOTHING] * (k - len(own)) for own in wanted]
    assert ranked.tolist() == rank_documents(scores, documents, k).tolist()


@given(vectors_of(st.integers(1, 12)), vectors_of(st.integers(1, 12)), st.integers(1, 60))
def test_every_score_is_there_once_and_in_its_place(
    questions: NDArray[np.float32], chunks: NDArray[np.float32], floats: int
) -> None:
    with patch.object(blocks, "BLOCK_FLOATS", floats):
        scores = list(score_in_blocks(questions, chunks))
    assert (np.concatenate(scores) == questions @ chunks.T).all()
    assert max(each.size for each in scores) <= max(floats, len(chunks))


def test_what_is_judged_is_ordered_as_what_is_served(engine: sa.Engine) -> None:
    """Of vectors of four halves all scores are exact, and many are equal."""
    draw = np.random.default_rng(0)
    vectors = np.zeros((120, 16), np.float32)
    for vector in vectors:
        vector[draw.choice(8, 4, replace=False)] = draw.choice([-0.5, 0.5], 4)
    chunks, questions = vectors[:100], vectors[100:]
    generation = make_generation(engine, dimension=16)
    rows = [row for _ in range(20) for row in add_chunks(engine, 5)]
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, rows[::-1], chunks[::-1])
    stored = read_vectors(engine, generation)
    document_of_chunk = read_documents_of_chunks(engine)
    documents = np.array([document_of_chunk[int(chunk_id)] for chunk_id in stored.chunk_ids])
    judged = rank_in_blocks(questions, stored.vectors, documents, 20).tolist()
    for exact in False, True:
        found = [search(engine, generation, question_at(vector), [1], 100, exact=exact) for vector in questions]
        assert [list(dict.fromkeys(hit.document_id for hit in hits)) for hits in found] == judged
        assert min(len({hit.similarity for hit in hits}) for hits in found) < 10


class Court:
    """Two generations, and as many golden as voted questions; half of these were answered by exploring."""

    def __init__(self, n: int, n_chunks: int) -> None:
        draw = np.random.default_rng(0)
        self.anchors = [Anchor("pair", i) for i in range(n)] + [Anchor("question", i) for i in range(n)]
        labels, explored = [], {}
        for anchor in self.anchors:
            up, down = draw.choice(n_chunks, 2, replace=False).tolist()
            labels.append(Label(anchor, up, 1, 1.0))
            if anchor.kind == "question":
                labels.append(Label(anchor, down, -1, 1.0))
                if anchor.id % 2:
                    explored[anchor.id] = {up: 5.0}
        texts = {anchor: AnchorText(f"{anchor.kind} {anchor.id}", 0.0) for anchor in self.anchors}
        snapshot = Snapshot((), {}, texts, explored)
        clusters = {anchor: place for place, anchor in enumerate(self.anchors)}
        self.lesson = Lesson(snapshot, tuple(labels), dict.fromkeys(self.anchors, "gate"), (), (), {}, {}, clusters)
        self.documents = {chunk: chunk // 3 for chunk in range(n_chunks)}
        chunk_ids = np.arange(n_chunks)
        self.sides = [
            Side(
                cast(Any, None),
                cast(Any, Fixed(unit_vectors(2 * n, 8, seed=seed))),
                StoredVectors(chunk_ids, np.ones_like(chunk_ids), unit_vectors(n_chunks, 8, seed=seed + 2)),
            )
            for seed in (0, 1)
        ]

    def evidence(self) -> Evidence:
        return gather_evidence(*self.sides, self.lesson, self.documents)


class Fixed:
    """Gives each number of texts its vectors."""

    dimension = 8

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = vectors

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors[: len(texts)]


def test_the_gate_sees_the_same_whatever_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    court = Court(30, 200)
    floor = comparable_floor(*court.sides, 0.3, ["?"] * 60)
    at_once = court.evidence()
    monkeypatch.setattr(blocks, "BLOCK_FLOATS", 1)
    one_by_one = court.evidence()
    for name in ("golden", "votes", "trial"):
        before, after = (getattr(own, name) for own in (at_once, one_by_one))
        assert np.allclose(before.gains, after.gains, equal_nan=True)
        assert len(before.gains)
    assert (at_once.hubs, at_once.changes) == (one_by_one.hubs, one_by_one.changes)
    assert comparable_floor(*court.sides, 0.3, ["?"] * 60) == pytest.approx(floor, abs=1e-6)


def test_memory_of_judging_does_not_grow_with_questions_times_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_FLOATS", 100_000)

    def peak_of(work: Callable[[], object]) -> int:
        tracemalloc.start()
        work()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    few, many = Court(50, 4_000), Court(500, 4_000)
    scores_of_one_side = 4 * 2 * 450 * 4_000
    assert peak_of(many.evidence) - peak_of(few.evidence) < 0.5 * scores_of_one_side
    floors = [
        peak_of(lambda own=own, n=n: comparable_floor(*own.sides, 0.3, ["?"] * n))
        for own, n in ((few, 100), (many, 1_000))
    ]
    assert floors[1] - floors[0] < 0.5 * 4 * 900 * 4_000
