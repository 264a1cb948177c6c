"""A synthetic task of 60 passages, in which what is asked lies at a fixed angle to what answers it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.quality.matches import Matched, WordMatches
from benchmarks.quality.task import Task, Vote
from db.search import Written
from tests.synthetic import unit_vectors

PASSAGES, DIMENSION = 60, 16
ASKED, GOLDEN, HELD_OUT = 60, 20, 40


def make_task(seed: int = 0, **changes: Any) -> Task:
    """Two passages a document; each question is about one passage, turned and blurred; the base's top 5 get votes."""
    draw = np.random.default_rng(seed)
    passages = unit_vectors(PASSAGES, DIMENSION, seed=seed)
    n = ASKED + GOLDEN + HELD_OUT
    about = draw.integers(0, PASSAGES, n)
    turn = np.linalg.qr(np.eye(DIMENSION) + 0.35 * draw.standard_normal((DIMENSION, DIMENSION)))[0]
    turn *= np.sign(np.diag(turn))
    questions = passages[about] @ turn + 0.1 * draw.standard_normal((n, DIMENSION))
    questions = (questions / np.linalg.norm(questions, axis=1, keepdims=True)).astype(np.float32)
    shown = np.argsort(-questions[:ASKED] @ passages.T, axis=1)[:, :5]
    named = [about[row] if row % 2 else about[row] ^ 1 for row in range(n)]  # every other question names its neighbour
    task = Task(
        written=tuple(Written("", "", f"Passage {row}") for row in range(PASSAGES)),
        document_of_passage=np.arange(PASSAGES) // 2,
        documents=tuple(f"doc-{row}" for row in range(PASSAGES // 2)),
        question_ids=tuple(f"q{row}" for row in range(n)),
        questions=tuple(f"Question {row}?" for row in range(n)),
        passage_vectors=passages,
        question_vectors=questions,
        votes=tuple(
            Vote("ann", question, int(chunk), 1 if chunk == about[question] else -1, place)
            for question in range(ASKED)
            for place, chunk in enumerate(shown[question], start=1)
        ),
        golden=tuple((question, (int(about[question]),)) for question in range(ASKED, ASKED + GOLDEN)),
        words=WordMatches.of(Matched(np.array([row]), np.array([0.5]), np.array([0.25])) for row in named),
        words_weight=0.35,
        held_out=np.arange(ASKED + GOLDEN, n),
        repeats=np.empty(0, dtype=np.int64),
        regression=np.empty(0, dtype=np.int64),
        of_regression=np.zeros(PASSAGES, dtype=bool),
        relevant=tuple({int(passage) // 2: 1.0} for passage in about),
        seed=seed,
    )
    return replace(task, **changes)
