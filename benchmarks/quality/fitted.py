"""The night's own fit of a ranking, from labels to ranked questions, with the encoder left as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.lessons import judgements_of, lesson_of, question_of
from benchmarks.quality.lists import lists_before, rank_listed, sources_of
from benchmarks.quality.task import Scores, Task
from db.answers import Ranked
from db.generations import FEATURES, SHIPPED, Ranking
from db.search import Found
from retrain.lesson import Anchor, Judgement, LabelRules, MiningRules
from retrain.ranking import Fitted, FittingRules, choices_of, fit_ranking

_NO_MINING = MiningRules(per_positive=0)


@dataclass(frozen=True, slots=True)
class FitParts:
    """What the fit is made of; as it ships unless said otherwise.

    Only anchors of the kinds in `taught` are fitted to. Features `without` count nothing, in what is fitted and in
    what ships. Unless `against_unshown`, what nobody was shown stands against nothing.
    """

    rules: LabelRules = field(default_factory=LabelRules)
    fitting: FittingRules = field(default_factory=FittingRules)
    taught: tuple[str, ...] = ("question", "pair")
    without: tuple[str, ...] = ()
    against_unshown: bool = True


def fit_weights(task: Task, judgements: Sequence[Judgement], parts: FitParts = FitParts()) -> Fitted:  # noqa: B008
    """The weights that the night would fit to these judgements and the task's golden pairs.

    Each question is looked at as it was answered before the night.

    Args:
        task: the problem, of whose own votes nothing is used.
        judgements: on the task's rows of questions and passages.
        parts: what the fit is made of.
    """
    lesson = lesson_of(task, judgements, parts.rules, _NO_MINING)
    labels = [own for own in lesson.labels if lesson.part_of[own.anchor] == "train" and own.anchor.kind in parts.taught]
    before = lists_before(task)
    served = {
        anchor: _as_served(before[question_of(task, anchor)], anchor, parts)
        for anchor in {label.anchor for label in labels}
    }
    fitted = fit_ranking(choices_of(labels, served, lesson.cluster_of), parts.fitting)
    return replace(fitted, ranking=less(fitted.ranking, parts.without))


def rank(task: Task) -> Scores:
    """All questions that judge, `(j, m)`, by the base model and the weights that the task's votes and pairs fit."""
    return rank_fitted(task, task.judging, fit_weights(task, judgements_of(task)).ranking)


def rank_fitted(task: Task, questions: NDArray[np.int64], ranking: Ranking) -> Scores:
    """`(n, m)`: these questions by the base model's cosines and this ranking."""
    return rank_listed(task, questions, task.question_vectors[questions] @ task.passage_vectors.T, ranking)


def less(ranking: Ranking = SHIPPED, without: Iterable[str] = ()) -> Ranking:
    """The ranking in which these features count nothing."""
    return replace(ranking, **dict.fromkeys(without, 0.0))


def _as_served(found: Sequence[Found], anchor: Anchor, parts: FitParts) -> list[Ranked]:
    counts = np.array([name not in parts.without for name in FEATURES], dtype=float)
    shown = set(sources_of(found)) if anchor.kind == "question" else set()
    return [
        Ranked(own.chunk_id, own.document_id, own.copy, own.chunk_id in shown, tuple(own.features * counts))
        for own in found
        if parts.against_unshown or own.chunk_id in shown
    ]
