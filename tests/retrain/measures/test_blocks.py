"""Blocks change no rank, whatever ties, and memory doesn't grow with the questions."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from db.generations import StoredVectors
from db.search import Passages, WordScores
from retrain.court import Portion, Side, gather_evidence
from retrain.court.evidence import Evidence
from retrain.lesson import AnchorText, Lesson, Snapshot
from retrain.lesson.labels import Anchor, Label
from retrain.measures import blocks
from retrain.measures.blocks import score_chunks, score_in_blocks, widen
from tests.synthetic import imagine_generation, unit_vectors

Made = TypeVar("Made")

WHOLE = st.integers(-3, 3)
"""Of vectors of small whole numbers the products are exact, and many are equal."""


def vectors_of(n: st.SearchStrategy[int]) -> st.SearchStrategy[NDArray[np.float32]]:
    rows = n.flatmap(lambda count: st.lists(st.tuples(WHOLE, WHOLE), min_size=count, max_size=count))
    return rows.map(lambda own: np.array(own, dtype=np.float32).reshape(-1, 2))


@given(vectors_of(st.integers(1, 12)), vectors_of(st.integers(1, 12)), st.integers(1, 60))
def test_every_score_is_there_once_and_in_its_place(
    questions: NDArray[np.float32], chunks: NDArray[np.float32], floats: int
) -> None:
    with patch.object(blocks, "BLOCK_FLOATS", floats):
        scores = list(score_in_blocks(questions, chunks))
    assert (np.concatenate(scores) == questions @ chunks.T).all()
    assert max(each.size for each in scores) <= max(floats, blocks._FEWEST_ROWS * len(chunks))  # noqa: SLF001


def test_what_is_stored_is_widened_a_part_at_a_time() -> None:
    questions, stored = unit_vectors(3, 64), unit_vectors(20_000, 64, seed=1).astype(np.float16)
    scores, peak = peak_of(lambda: score_chunks(questions, stored))
    assert np.allclose(scores, questions @ stored.astype(np.float32).T, atol=1e-6)
    assert peak < scores.nbytes + 2_000_000 < 0.5 * 4 * stored.size


def test_each_half_is_widened_to_the_very_number_that_it_is() -> None:
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)].reshape(-1, 64)
    assert (widen(halves).view(np.int32) == halves.astype(np.float32).view(np.int32)).all()
    assert (widen(halves[:, ::2]) == halves[:, ::2].astype(np.float32)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_no_half_stays_the_number_that_it_is(dtype: Any) -> None:  # noqa: ANN401
    vectors = unit_vectors(3, 8).astype(dtype)
    assert widen(vectors).dtype == np.float32 and np.allclose(widen(vectors), vectors)


def peak_of(work: Callable[[], Made]) -> tuple[Made, int]:
    """What it made, and the most memory that it took at once, in bytes."""
    tracemalloc.start()
    made = work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return made, peak


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
        chunk_ids = np.arange(n_chunks)
        self.passages = Passages(chunk_ids, chunk_ids // 3, chunk_ids)
        self.sides = [
            Side(
                imagine_generation(),
                cast(Any, Fixed(unit_vectors(2 * n, 8, seed=seed))),
                StoredVectors(chunk_ids, np.ones_like(chunk_ids), unit_vectors(n_chunks, 8, seed=seed + 2)),
            )
            for seed in (0, 1)
        ]

    def evidence(self) -> Evidence:
        return gather_evidence(*self.sides, self.lesson, self.passages, self._score, Portion(20, 5))

    def _score(self, texts: Sequence[str], audience_ids: Sequence[int] | None) -> list[WordScores]:
        """Words find half of the chunks, whatever is asked."""
        found = self.passages.chunk_ids[::2]
        return [WordScores(found, np.linspace(1, 0, len(found)), np.ones(len(found))) for _ in texts]


class Fixed:
    """Gives each number of texts its vectors."""

    dimension = 8

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = vectors

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors[: len(texts)]

    encode_passages = encode_questions


def test_the_gate_sees_the_same_whatever_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    court = Court(30, 200)
    at_once = court.evidence()
    monkeypatch.setattr(blocks, "BLOCK_FLOATS", 1)
    one_by_one = court.evidence()
    for name in ("golden", "votes", "trial"):
        before, after = (getattr(own, name) for own in (at_once, one_by_one))
        assert np.allclose(before.gains, after.gains, equal_nan=True)
        assert len(before.gains)
    assert (at_once.hubs, at_once.changes) == (one_by_one.hubs, one_by_one.changes)


def test_memory_of_judging_does_not_grow_with_questions_times_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_FLOATS", 100_000)

    few, many = Court(50, 16_000), Court(300, 16_000)
    scores_of_one_side = 4 * 2 * 250 * 16_000
    assert peak_of(many.evidence)[1] - peak_of(few.evidence)[1] < 0.2 * scores_of_one_side
