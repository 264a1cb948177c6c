"""The night's own lesson, from a task's rows instead of the store's tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.quality.task import Task
from db.generations import StoredVectors
from retrain.lesson import Anchor, AnchorText, Judgement, LabelRules, Lesson, MiningRules, Snapshot, prepare_lesson
from retrain.measures import Words


def lesson_of(task: Task, judgements: Sequence[Judgement], rules: LabelRules, mining: MiningRules) -> Lesson:
    """What the night would learn from these judgements, on the task's rows, and from its golden pairs.

    A golden pair's anchor has its place among them; nothing of the task's own votes is used.
    """
    snapshot = Snapshot(
        tuple(judgements),
        {row: chunks for row, (_, chunks) in enumerate(task.golden)},
        {Anchor("pair", row): AnchorText(task.questions[q], 0.0) for row, (q, _) in enumerate(task.golden)}
        | {Anchor("question", j.question_id): AnchorText(task.questions[j.question_id], 0.0) for j in judgements},
    )
    questions = {anchor: task.question_vectors[question_of(task, anchor)] for anchor in snapshot.anchors}
    own = task.own_vectors
    stored = StoredVectors(np.arange(len(own)), np.zeros(len(own), dtype=np.int64), own)
    words = Words(task.score_words, task.words_weight)
    return prepare_lesson(snapshot, questions, stored, seed=task.seed, rules=rules, mining=mining, words=words)


def judgements_of(task: Task) -> list[Judgement]:
    """The task's own votes, as the lesson has them."""
    return [
        Judgement(vote.person, vote.question, vote.chunk, 1 if vote.value > 0 else -1, 0.0, rank=vote.rank)
        for vote in task.votes
    ]


def question_of(task: Task, anchor: Anchor) -> int:
    """The row of the question that an anchor of `lesson_of` is about."""
    return anchor.id if anchor.kind == "question" else task.golden[anchor.id][0]
