"""The night's regression set as more rows of a task: learners rank it too, and learn nothing from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.quality.matches import Matched, WordMatches
from benchmarks.quality.task import Task
from db.models import Encoder
from db.search import WordsInMemory
from retrain.court import RegressionSet


def add_regression(task: Task, known: RegressionSet, base: Encoder) -> Task:
    """The task with the set's questions, passages and documents after its own; `base` is the untrained encoder."""
    first_document, first_question, first_passage = len(task.documents), len(task.questions), len(task.written)
    found = WordsInMemory(known.passages).score(known.questions)
    numbers = sorted(set(known.document_of_passage))
    row_of = {number: first_document + place for place, number in enumerate(numbers)}
    rows = [row_of[number] for number in known.document_of_passage]
    names = tuple(f"regression-{place}" for place in range(len(known.questions)))
    return replace(
        task,
        written=task.written + known.written,
        document_of_passage=np.concatenate([task.document_of_passage, np.array(rows, dtype=np.int64)]),
        documents=task.documents + tuple(f"regression-{number}" for number in numbers),
        question_ids=task.question_ids + names,
        questions=task.questions + known.questions,
        passage_vectors=np.concatenate([task.passage_vectors, base.encode_passages(known.passages)]),
        question_vectors=np.concatenate([task.question_vectors, base.encode_questions(known.questions)]),
        words=task.words.followed_by(
            WordMatches.of(Matched(first_passage + own.chunk_ids, own.scores, own.coverage) for own in found)
        ),
        relevant=task.relevant
        + tuple({row_of[number]: gain for number, gain in gains.items()} for gains in known.relevant),
        regression=np.arange(first_question, first_question + len(known.questions)),
        of_regression=np.concatenate([task.of_regression, np.ones(len(known.passages), dtype=bool)]),
    )
