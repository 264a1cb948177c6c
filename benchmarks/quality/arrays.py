"""The night's own steps, from labels to a trained model's ranking, on arrays instead of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from unittest.mock import patch

import numpy as np

from benchmarks.quality.task import Scores, Task
from db.generations import StoredVectors
from db.models import choose_dtype, find_base_model, load_encoder
from retrain.lesson import Anchor, AnchorText, Judgement, LabelRules, MiningRules, Snapshot, prepare_lesson, texts_of
from retrain.measures import Words
from retrain.training import Recipe, fit


@dataclass(frozen=True, slots=True)
class Parts:
    """What the night's training is made of; as it ships unless said otherwise.

    Only anchors of the kinds in `taught` train; the others may still judge. Without `trusts_pairs` a given
    passage is treated as one that was only voted up.
    """

    rules: LabelRules = field(default_factory=LabelRules)
    mining: MiningRules = field(default_factory=MiningRules)
    recipe: Recipe = field(default_factory=Recipe)
    taught: tuple[str, ...] = ("question", "pair")
    trusts_pairs: bool = True


def train_and_rank(
    task: Task,
    judgements: Sequence[Judgement],
    base_model: str,
    on_step: Callable[[int, int], None],
    parts: Parts = Parts(),  # noqa: B008 - frozen
) -> Scores:
    """What the night's training makes of these judgements and the task's golden pairs.

    Args:
        task: the problem, of whose own votes nothing is used.
        judgements: on the task's rows of questions and passages.
        base_model: its name.
        on_step: called with each step that is done and the number of all.
        parts: what the training is made of.
    """
    with nullcontext() if parts.trusts_pairs else patch.object(Anchor, "is_given", new=False):
        return _train_and_rank(task, judgements, base_model, on_step, parts)


def _train_and_rank(
    task: Task,
    judgements: Sequence[Judgement],
    base_model: str,
    on_step: Callable[[int, int], None],
    parts: Parts,
) -> Scores:
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
    words = Words(task.score_words, task.words_weight)
    lesson = prepare_lesson(
        snapshot, questions, stored, seed=task.seed, rules=parts.rules, mining=parts.mining, words=words
    )
    lesson = replace(lesson, rows=tuple(row for row in lesson.rows if row.anchor.kind in parts.taught))

    def read(rows: Iterable[int]) -> dict[int, str]:
        return {row: task.passages[row] for row in sorted(set(rows))}

    directory, sha256 = find_base_model(base_model)
    base = load_encoder(directory, sha256=sha256, dtype=choose_dtype(directory))
    fit(
        base.model,
        lesson.rows,
        texts_of(lesson.rows, snapshot.texts(), read),
        lesson.right,
        replace(parts.recipe, dtype=base.dtype),
        seed=task.seed,
        on_step=lambda step: on_step(step.step, step.steps),
    )
    passages = base.encode_passages(task.passages)
    ranked: Scores = base.encode_questions([task.questions[row] for row in task.judging]) @ passages.T
    return ranked
