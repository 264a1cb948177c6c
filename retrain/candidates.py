"""The night's tournament: one training from the base model, taken whole or part of the way; dev chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.encoder import SentenceEncoder
from db.vectors import StoredVectors
from retrain.checkpoint import Checkpoint
from retrain.labels import Anchor
from retrain.lesson import Lesson
from retrain.metrics import ndcg_at_k, rank_documents
from retrain.snapshot import Snapshot
from retrain.train import Progress, Recipe, Texts, copy_weights, fit, interpolate

ALPHAS = (1.0, 0.5)
"""How far to go from the base model's weights to the trained ones (LM-Cocktail's merging, arXiv 2311.13534).

All the way is best where the base hardly knows the documents' language. Where it knows it well, half of the way may be,
for noisy votes then teach it as much that is wrong; dev tells, where there are pairs enough for one (`SplitRules`).
"""

POOL_DEPTH = 10
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
class Tournament:
    """One training, its losses by step, and the `dev` ndcg@10, `(n,)`, at each of `alphas`; empty without a choice."""

    recipe: Recipe
    losses: tuple[float, ...]
    alphas: tuple[float, ...]
    dev: tuple[NDArray[np.float64], ...]
    winner: int


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


def dev_set(
    anchors: Sequence[Anchor], snapshot: Snapshot, passages: Mapping[int, str], documents: Mapping[int, int]
) -> DevSet | None:
    """The dev questions among the passages of their pool, less those whose document went; None without any."""
    if not anchors:
        return None
    kept = {chunk_id: text for chunk_id, text in passages.items() if chunk_id in documents}
    return DevSet(
        tuple(snapshot.anchors[anchor].text for anchor in anchors),
        tuple(
            {documents[chunk_id]: 1.0 for chunk_id in snapshot.chunks_of_pair[anchor.id] if chunk_id in documents}
            for anchor in anchors
        ),
        tuple(kept.values()),
        np.array([documents[chunk_id] for chunk_id in kept]),
    )


def train_candidates(
    base: SentenceEncoder,
    lesson: Lesson,
    texts: Texts,
    dev: DevSet | None,
    *,
    seed: int,
    on_step: Callable[[Progress], None] | None = None,
    checkpoint: Checkpoint | None = None,
    recipe: Recipe = Recipe(),  # noqa: B008 - frozen
    alphas: Sequence[float] = ALPHAS,
) -> Tournament:
    """Trains from the base model and chooses how much of it to take; `base.model` then holds the winner's weights.

    Args:
        base: the base model, untrained.
        lesson: what to learn.
        texts: of the lesson's rows.
        dev: what chooses.
        seed: of the order of the rows.
        on_step: called after each step.
        checkpoint: where a training that was killed goes on from.
        recipe: how to train.
        alphas: how far to go; the first unless dev says otherwise.

    Raises:
        FloatingPointError: the loss stopped being a number.
    """
    if dev is None:
        alphas = alphas[:1]
    untrained = copy_weights(base.model)
    recipe = replace(recipe, dtype="bfloat16" if base.dtype == "bfloat16" else "float32")
    losses = fit(
        base.model, lesson.rows, texts, lesson.right, recipe, seed=seed, on_step=on_step, checkpoint=checkpoint
    )
    tuned = copy_weights(base.model)
    scores = []
    for alpha in alphas:
        base.model.load_state_dict(interpolate(untrained, tuned, alpha))
        scores.append(dev.score(base) if dev else np.empty(0))
    winner = int(np.argmax([score.mean() for score in scores])) if dev else 0
    base.model.load_state_dict(interpolate(untrained, tuned, alphas[winner]))
    return Tournament(recipe, losses, tuple(alphas), tuple(scores), winner)
