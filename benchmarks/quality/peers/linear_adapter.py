"""A linear adapter on the question's side: LlamaIndex's recipe, its learning rate chosen on development questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.peers.development import Answers, group_by_question, mean_ndcg, split_by_question
from benchmarks.quality.peers.golden_weight import choose_weight
from benchmarks.quality.said import positives
from benchmarks.quality.task import Scores, Task, unit_rows

LEARNING_RATES = (2e-5, 1e-3, 1e-2)
"""LlamaIndex's default first: a draw is decided for it. The last is the one that its example offers."""
EPOCHS = 4
BATCH = 10
SCALE = 20.0
WARM_UP = 0.1
MAX_NORM = 1.0

Matrix = NDArray[np.float32]


def rank(task: Task) -> Scores:
    """Cosine of adapted question and passage, words beside it, `(j, m)`: chosen on a fifth, then trained on all.

    As `EmbeddingAdapterFinetuneEngine` and `train_model` of llama-index-finetuning 0.4.2 do (`LinearLayer` without
    bias, begun at the identity; multiple negatives ranking with scale 20; AdamW; linear decay after 10% warm-up;
    gradients clipped to norm 1; batches of 10 in the questions' order; a question's first positive only). Its default
    is one epoch; its documentation's example takes four, and so does this. It has no way to choose a learning rate,
    and none to choose what words count: choosing them here only makes it stronger.
    """
    train, development = split_by_question(positives(task), seed=task.seed)
    rate, weight = LEARNING_RATES[0], task.words_weight
    if train and development:
        tried = {each: _adapt(task, list(development), train, each) @ task.own_vectors.T for each in LEARNING_RATES}
        rate = max(LEARNING_RATES, key=lambda each: mean_ndcg(tried[each], development))
        weight = choose_weight(task, development, tried[rate])
    adapted = _adapt(task, task.judging.tolist(), group_by_question(positives(task)), rate)
    return task.serve(adapted @ task.passage_vectors.T, weight)


def _adapt(task: Task, questions: Sequence[int], answers: Answers, rate: float) -> Matrix:
    return unit_rows(task.question_vectors[questions] @ train_adapter(task, answers, rate=rate).T)


def train_adapter(task: Task, answers: Answers, *, rate: float) -> Matrix:
    """The `(dim, dim)` matrix that questions are multiplied by. Nothing is drawn: the same answers give the same."""
    import torch
    from torch.nn.functional import cosine_similarity, cross_entropy

    dimension = task.question_vectors.shape[1]
    weights = torch.eye(dimension, requires_grad=True)
    questions = torch.from_numpy(task.question_vectors[list(answers)])
    passages = torch.from_numpy(task.passage_vectors[[chunks[0] for chunks in answers.values()]])
    batches = [slice(start, start + BATCH) for start in range(0, len(answers), BATCH)]
    optimizer = torch.optim.AdamW([weights], lr=rate)
    schedule = _linear_decay(optimizer, steps=EPOCHS * len(batches))
    for batch in batches * EPOCHS:
        adapted = questions[batch] @ weights.T
        scores = cosine_similarity(adapted[:, None], passages[batch][None], dim=2) * SCALE
        cross_entropy(scores, torch.arange(len(scores))).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([weights], MAX_NORM)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
    adapter: Matrix = weights.detach().numpy()
    return adapter


def _linear_decay(optimizer: Any, *, steps: int) -> Any:  # noqa: ANN401 - torch is imported late
    from torch.optim.lr_scheduler import LambdaLR

    warm_up = int(steps * WARM_UP)

    def factor(step: int) -> float:
        return step / max(1, warm_up) if step < warm_up else max(0.0, (steps - step) / max(1, steps - warm_up))

    return LambdaLR(optimizer, factor)
