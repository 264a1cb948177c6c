"""Questions of a data set with several lists of documents: by vectors alone, by words beside them, by less of words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.ours import simulate_in
from benchmarks.quality.task import Task
from db.search import fuse, rank_documents
from nightshift.simulate.outcome import Plan
from retrain.lesson import cluster_questions
from retrain.measures import ndcg_at_k
from retrain.night import OnProgress

if TYPE_CHECKING:
    from nightshift.simulate.dataset import DataSet

GAPS = (0.02, 0.05, 0.1)
"""Gains in ndcg@10 that are planted."""

VECTORS, WORDS = "vectors", "words"
_RANKED = 10
_HALVINGS = 12


def weighed(gap: float) -> str:
    """The name of lists that are better than vectors' by so much: words weigh just enough for it."""
    return f"vectors +{gap}"


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its lists by their names, best first, and what each is worth in ndcg@10; documents go by their rows.

    `alike` is the same number for those that are near-duplicates of each other.
    """

    lists: dict[str, list[str]]
    ndcg: dict[str, float]
    right: list[str]
    alike: int


@dataclass(frozen=True, slots=True)
class Listed:
    """All questions of a data set."""

    data: str
    questions: tuple[Question, ...]

    def gain(self, candidate: str = WORDS, incumbent: str = VECTORS) -> float:
        """By how much the ones' lists are better than the others', in ndcg@10."""
        return float(np.mean([own.ndcg[candidate] - own.ndcg[incumbent] for own in self.questions]))

    def save(self, path: Path) -> None:
        """Writes them into a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Listed:
        """Reads what `save` wrote."""
        read = json.loads(path.read_text("utf-8"))
        return cls(read["data"], tuple(Question(**own) for own in read["questions"]))


def list_all(dataset: DataSet, on_progress: OnProgress) -> Listed:
    """Reads the documents into a store of its own and searches them for every question that somebody judged."""
    with TemporaryDirectory() as home:
        plan = Plan(votes=0, seed=0, nights=0, pairs=0)
        _, task = asyncio.run(simulate_in(Path(home), dataset, plan, on_progress))
    return lists_of(task, dataset.name)


def lists_of(task: Task, data: str) -> Listed:
    """The lists of a task; what repeats a question or belongs to the regression set is left out."""
    others = set(task.regression.tolist()) | set(task.repeats.tolist())
    rows = np.array([row for row in range(len(task.questions)) if row not in others and task.relevant[row]])
    relevant = [task.relevant[row] for row in rows]
    own = np.flatnonzero(~task.of_regression)
    cosines = task.question_vectors[rows] @ task.passage_vectors[own].T
    words = task.score_by_words(rows)[:, own]

    def ranked(weight: float) -> NDArray[np.int64]:
        return rank_documents(fuse(cosines, words, weight), task.document_of_passage[own], k=_RANKED)

    lists = {VECTORS: ranked(0.0), WORDS: ranked(task.words_weight)}
    base, best = (float(ndcg_at_k(lists[name], relevant).mean()) for name in (VECTORS, WORDS))
    for gap in (own for own in GAPS if own < best - base):
        low, high = 0.0, task.words_weight
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            is_enough = float(ndcg_at_k(ranked(middle), relevant).mean()) >= base + gap
            low, high = (low, middle) if is_enough else (middle, high)
        lists[weighed(gap)] = ranked(high)
    worth = {name: ndcg_at_k(own, relevant) for name, own in lists.items()}
    clusters = cluster_questions([task.questions[row] for row in rows], task.question_vectors[rows])
    return Listed(
        data,
        tuple(
            Question(
                {name: _names(own[at].tolist()) for name, own in lists.items()},
                {name: float(own[at]) for name, own in worth.items()},
                [str(document) for document, gain in relevant[at].items() if gain > 0],
                int(clusters[at]),
            )
            for at in range(len(rows))
        ),
    )


def _names(ranked: Sequence[int]) -> list[str]:
    return [str(row) for row in ranked if row >= 0]
