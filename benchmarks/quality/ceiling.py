"""What our own training makes of true answers instead of votes: nobody can learn more from the same questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.quality.task import Scores, Task
from db.encoder import choose_dtype, load_encoder
from db.model_files import find_base_model
from db.vectors import StoredVectors
from retrain.build import OnProgress
from retrain.candidates import dev_set, pool_of_dev, train_candidates
from retrain.labels import Anchor, Judgement
from retrain.lesson import prepare_lesson, texts_of
from retrain.snapshot import AnchorText, Snapshot


def rank_ceiling(task: Task, base_model: str, on_progress: OnProgress) -> Scores:
    """The same training on what is true: every question that was asked, with its right documents and no slips."""
    return _train_and_rank(task, true_judgements(task), base_model, on_progress)


def true_judgements(task: Task) -> list[Judgement]:
    """What people would say who are never wrong and know every document, by questions' and passages' rows.

    A right document's chunk is its nearest to the question; the wrong ones are those that were voted on.
    """
    voted_on: dict[int, set[int]] = {}
    for vote in task.votes:
        voted_on.setdefault(vote.question, set()).add(vote.chunk)
    judgements = []
    for question in sorted(voted_on):
        scores = task.passage_vectors @ task.question_vectors[question]
        right = set(task.relevant[question])
        for document in sorted(right):
            rows = np.flatnonzero(task.document_of_passage == document)
            best = int(rows[np.argmax(scores[rows])])
            judgements.append(Judgement(f"q{question}", question, best, 1, 0.0))
        wrong = sorted(chunk for chunk in voted_on[question] if int(task.document_of_passage[chunk]) not in right)
        judgements += [Judgement(f"q{question}", question, chunk, -1, 0.0) for chunk in wrong]
    return judgements


def _train_and_rank(task: Task, judgements: Sequence[Judgement], base_model: str, on_progress: OnProgress) -> Scores:
    """The night's own steps, from labels to trained model, on arrays instead of tables."""
    snapshot = Snapshot(
        tuple(judgements),
        {row: chunks for row, (_, chunks) in enumerate(task.golden)},
        {Anchor("pair", row): AnchorText(task.questions[q], 0.0) for row, (q, _) in enumerate(task.golden)}
        | {Anchor("question", j.question_id): AnchorText(task.questions[j.question_id], 0.0) for j in judgements},
    )
    questions = {
        anchor: task.question_vectors[anchor.id if anchor.kind == "question" else task.golden[anchor.id][0]]
        for anchor in snapshot.anchors
    }
    own = task.own_vectors
    stored = StoredVectors(np.arange(len(own)), np.zeros(len(own), dtype=np.int64), own)
    lesson = prepare_lesson(snapshot, questions, stored, seed=task.seed)
    documents = {row: int(document) for row, document in enumerate(task.document_of_passage)}

    def read(rows: Iterable[int]) -> dict[int, str]:
        return {row: task.passages[row] for row in sorted(set(rows))}

    anchors, pool = pool_of_dev(lesson, questions, stored)
    directory, sha256 = find_base_model(base_model)
    base = load_encoder(directory, sha256=sha256, dtype=choose_dtype(directory))
    train_candidates(
        base,
        lesson,
        texts_of(lesson.rows, snapshot, read),
        dev_set(anchors, snapshot, read(pool), documents),
        seed=task.seed,
        known=dict(enumerate(task.passage_vectors)),
        on_step=lambda step: on_progress("ceiling", step.step, step.steps),
    )
    passages = base.encode_passages(task.passages)
    ranked: Scores = base.encode_questions([task.questions[row] for row in task.judging]) @ passages.T
    return ranked
