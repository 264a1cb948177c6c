"""What the gate is shown: explored answers and the regression set, beside golden questions and plain votes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from db.generations import StoredVectors
from db.models import USUAL_SCALE
from retrain.court.enough import gate_sizes
from retrain.court.judge import Side, explored_up_votes, gather_evidence, judge_regression
from retrain.court.regression import RegressionSet
from retrain.lesson import AnchorText, Lesson, Snapshot
from retrain.lesson.labels import Anchor, Label
from retrain.lesson.split import Part

N = 30
CHUNKS = np.arange(100, 100 + N)
QUESTION, OTHER, TRAINS, PAIR = Anchor("question", 1), Anchor("question", 2), Anchor("question", 3), Anchor("pair", 1)


class Opinion:
    """An encoder that puts chosen chunks first for each text, in their order; passages are unit axes."""

    dimension = N

    def __init__(self, first: Mapping[str, Sequence[int]]) -> None:
        self._first = first

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), N), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            order = [*self._first.get(text, ()), *(c for c in range(N) if c not in self._first.get(text, ()))]
            row[order] = np.linspace(1, 0, N)
        return rows

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        if on_batch is not None:
            on_batch(len(texts))
        return np.eye(N, dtype=np.float32)[: len(texts)]


def side(**first: Sequence[int]) -> Side:
    stored = StoredVectors(CHUNKS, np.ones(N, dtype=np.int64), np.eye(N, dtype=np.float32))
    return Side(cast(Any, None), Opinion(first), stored)


SNAPSHOT = Snapshot(
    (),
    {1: (100,)},
    {anchor: AnchorText(text, 0.0) for anchor, text in ((QUESTION, "one"), (OTHER, "two"), (TRAINS, "x"), (PAIR, "y"))},
    {1: {100: 1.0, 107: 15.0, 109: 1.0}, 3: {100: 1.0}},
)
LABELS = (
    Label(QUESTION, 107, 1, 1.0),
    Label(QUESTION, 109, -1, 1.0),
    Label(OTHER, 100, 1, 1.0),
    Label(TRAINS, 100, 1, 1.0),
    Label(PAIR, 100, 1, 1.0),
)
PARTS: dict[Anchor, Part] = {QUESTION: "gate", OTHER: "gate", TRAINS: "train", PAIR: "gate"}
LESSON = Lesson(SNAPSHOT, LABELS, PARTS, (), (), {})


def test_up_votes_on_explored_answers_of_the_gates_part_are_a_trial() -> None:
    assert explored_up_votes([QUESTION, OTHER], LESSON) == [{107: 15.0}, {}]
    documents = {int(chunk): int(chunk) for chunk in CHUNKS}
    evidence = gather_evidence(side(), side(one=[7]), LESSON, documents)
    assert evidence.trial is not None
    assert evidence.trial.gains == pytest.approx([1 - 1 / np.log2(9)])
    assert evidence.regression is None


def test_near_duplicates_are_carried_to_every_measure() -> None:
    again, thrice = Anchor("pair", 2), Anchor("pair", 3)
    texts = {again: AnchorText("z", 0.0), thrice: AnchorText("zz", 0.0)}
    explored = {**SNAPSHOT.explored, 2: {100: 1.0}}
    snapshot = replace(SNAPSHOT, anchors={**SNAPSHOT.anchors, **texts}, explored=explored)
    labels = (*LABELS, Label(again, 101, 1, 1.0), Label(thrice, 101, 1, 1.0), Label(OTHER, 109, -1, 1.0))
    clusters = {QUESTION: 1, OTHER: 1, PAIR: 2, again: 2, thrice: 2}
    lesson = Lesson(snapshot, labels, {**PARTS, again: "gate", thrice: "gate"}, (), (), {}, cluster_of=clusters)
    documents = {int(chunk): int(chunk) for chunk in CHUNKS}
    away = range(20, 30)
    evidence = gather_evidence(side(), side(y=away, z=away, zz=away), lesson, documents)
    counts = {name: getattr(evidence, name).figures() for name in ("golden", "votes", "trial")}
    assert {name: (own["n"], own["questions"]) for name, own in counts.items()} == {
        "golden": (1, 3),
        "votes": (1, 2),
        "trial": (1, 2),
    }
    assert evidence.hubs == (1.0, 0.5)  # three fifths of the questions are half of the clusters
    assert gate_sizes(lesson) == (1, 1, 1)


def test_questions_of_the_regression_set_that_are_alike_are_one() -> None:
    known = RegressionSet(("a", "b"), (0, 1), ("asked", "Asked?", "other"), ({1: 1.0},) * 3)
    judged = judge_regression(side(), side(asked=[1]), known, lambda *_: None)
    assert judged.clusters is not None
    assert (judged.figures()["questions"], judged.clusters.tolist()) == (3, [0, 0, 0])


def test_both_are_scored_on_the_regression_set() -> None:
    known = RegressionSet(("a", "b", "c"), (0, 1, 2), ("asked",), ({2: 1.0},))
    seen: list[tuple[int, int]] = []

    judged = judge_regression(side(), side(asked=[2]), known, lambda done, total: seen.append((done, total)))
    assert judged.incumbent == pytest.approx([0.5])
    assert judged.candidate == pytest.approx([1.0])
    assert seen == [(3, 6), (6, 6)]


def test_whether_vectors_collapsed_is_told_by_the_incumbent_s_scale() -> None:
    close = np.eye(N, dtype=np.float32) + 0.3
    close /= np.linalg.norm(close, axis=1, keepdims=True)
    narrow = replace(side(), stored=StoredVectors(CHUNKS, np.ones(N, dtype=np.int64), close))
    documents = {int(chunk): int(chunk) for chunk in CHUNKS}
    evidence = gather_evidence(narrow, side(), LESSON, documents)
    assert evidence.vectors.scale.unrelated == pytest.approx(float(close[0] @ close[1]), abs=1e-3)
    assert gather_evidence(side(), narrow, LESSON, documents).vectors.scale == USUAL_SCALE
