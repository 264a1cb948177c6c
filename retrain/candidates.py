"""The night's tournament: a few recipes trained from the base model, the winner chosen on dev."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.encoder import SentenceEncoder
from db.vectors import StoredVectors
from retrain.labels import Anchor
from retrain.lesson import Lesson, guide_of
from retrain.metrics import ndcg_at_k, rank_documents
from retrain.tournament import choose_winner
from retrain.train import Progress, Recipe, Texts, Trained, copy_weights, fit

GRID = (Recipe(learning_rate=1e-4, epochs=2), Recipe(learning_rate=5e-5, epochs=3))
"""The first is the one known to do well; another wins only by more than the noise of dev."""

MIN_DEV = 20
"""Golden questions on dev under which there is nothing to choose by, and only the first recipe is trained."""

POOL_DEPTH = 50
"""Chunks that dev ranks for each of its questions: the best of the serving generation, and the right ones."""


@dataclass(frozen=True, slots=True)
class DevSet:
    """Golden questions that choose: their texts, the right documents, and the passages they are ranked among."""

    questions: tuple[str, ...]
    relevant: tuple[Mapping[int, float], ...]
    passages: tuple[str, ...]
    document_of_passage: NDArray[np.int64]

    def score(self, encoder: SentenceEncoder) -> NDArray[np.float64]:
        """Ndcg@10 of each question, `(n,)`."""
        scores = encoder.encode_questions(self.questions) @ encoder.encode_passages(self.passages).T
        return ndcg_at_k(rank_documents(scores, self.document_of_passage), self.relevant)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One recipe's outcome; `dev` is `(n,)` ndcg@10, empty where nothing was chosen."""

    recipe: Recipe
    trained: Trained
    dev: NDArray[np.float64]


def pool_of_dev(
    lesson: Lesson, questions: Mapping[Anchor, NDArray[np.float32]], stored: StoredVectors
) -> tuple[list[Anchor], list[int]]:
    """The dev questions and the chunk ids that they are ranked among; bounded, whatever the size of the corpus."""
    anchors = lesson.anchors("dev", "pair")
    if not anchors:
        return [], []
    depth = min(POOL_DEPTH, len(stored.chunk_ids))
    scores = np.stack([questions[anchor] for anchor in anchors]) @ stored.vectors.T
    nearest = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
    right = {label.chunk_id for label in lesson.labels if label.anchor in set(anchors)}
    return anchors, sorted(right | {int(stored.chunk_ids[row]) for row in np.unique(nearest)})


def train_candidates(
    base: SentenceEncoder,
    lesson: Lesson,
    texts: Texts,
    dev: DevSet | None,
    *,
    seed: int,
    on_step: Callable[[int, Progress], None] | None = None,
    grid: Sequence[Recipe] = GRID,
) -> tuple[list[Attempt], int]:
    """Trains each recipe from the base model; afterwards `base.model` holds the winner's weights.

    Returns:
        every attempt, and the winner's index.

    Raises:
        FloatingPointError: a loss stopped being a number.
    """
    if dev is None or len(dev.questions) < MIN_DEV:
        dev, grid = None, grid[:1]
    guide = guide_of(texts, base)
    untrained = copy_weights(base.model)
    attempts, weights = [], []
    for index, recipe in enumerate(grid):
        base.model.load_state_dict(untrained)
        trained = fit(
            base.model,
            lesson.rows,
            texts,
            guide,
            lesson.right,
            replace(recipe, dtype="bfloat16" if base.dtype == "bfloat16" else "float32"),
            seed=seed,
            on_step=None if on_step is None else lambda progress, index=index: on_step(index, progress),  # type: ignore[misc]
        )
        attempts.append(Attempt(recipe, trained, dev.score(base) if dev else np.empty(0)))
        weights.append(copy_weights(base.model))
    winner = choose_winner([attempt.dev for attempt in attempts])
    base.model.load_state_dict(weights[winner])
    return attempts, winner
