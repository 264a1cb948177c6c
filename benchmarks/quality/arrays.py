"""The night's own steps, from labels to a trained model's ranking, on arrays instead of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from unittest.mock import patch

from benchmarks.quality.lessons import lesson_of
from benchmarks.quality.task import Scores, Task
from db.models import choose_dtype, find_base_model, load_encoder
from retrain.lesson import Anchor, Judgement, LabelRules, MiningRules, texts_of
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
    """Cosines by what the night's training makes of these judgements and the task's golden pairs, `(j, m)`.

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
    lesson = lesson_of(task, judgements, parts.rules, parts.mining)
    lesson = replace(lesson, rows=tuple(row for row in lesson.rows if row.anchor.kind in parts.taught))

    passages = task.passages

    def read(rows: Iterable[int]) -> dict[int, str]:
        return {row: passages[row] for row in sorted(set(rows))}

    directory, sha256 = find_base_model(base_model)
    base = load_encoder(directory, sha256=sha256, dtype=choose_dtype(directory))
    fit(
        base.model,
        lesson.rows,
        texts_of(lesson.rows, lesson.snapshot.texts(), read),
        lesson.right,
        replace(parts.recipe, dtype=base.dtype),
        seed=task.seed,
        on_step=lambda step: on_step(step.step, step.steps),
    )
    vectors = base.encode_passages(passages)
    ranked: Scores = base.encode_questions([task.questions[row] for row in task.judging]) @ vectors.T
    return ranked
