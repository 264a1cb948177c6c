"""Fine-tune an encoder on training rows: multiple negatives ranking with row weights, masks and a fixed step budget."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from db.errors import ModelError
from db.models import prompt_of
from retrain.lesson import Anchor, Texts, TrainingRow
from retrain.training.attention import plain_attention
from retrain.training.batches import Batch, BatchRules, make_batches
from retrain.training.memory import give_back_memory

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

    from retrain.training.checkpoint import Checkpoint

_FREED_EVERY = 5
"""Steps after which memory is given back: no two batches have the same shapes, and glibc keeps what each one freed."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. Work is counted in steps, not seconds, so that the same seed gives the same model.

    With few rows `epochs` would be over after a handful of steps, most of them warm-up: the rows are gone through
    again until `min_steps` are done. With many, all are gone through once, and again, `epochs` times at most, until
    `enough_steps` are done: what false votes say is learnt by heart after that. `dtype` is the encoder's.
    """

    learning_rate: float = 5e-5
    epochs: int = 2
    scale: float = 20.0
    warmup: float = 0.1
    weight_decay: float = 0.01
    max_tokens: int = 256
    min_steps: int = 24
    enough_steps: int = 64
    dtype: str = "float32"
    batch: BatchRules = field(default_factory=BatchRules)


@dataclass(frozen=True, slots=True)
class Progress:
    """After step `step` of `steps` (1 is the first)."""

    step: int
    steps: int
    loss: float


def fit(
    model: SentenceTransformer,
    rows: Sequence[TrainingRow],
    texts: Texts,
    right: Mapping[Anchor, frozenset[int]],
    recipe: Recipe,
    *,
    seed: int,
    on_step: Callable[[Progress], None] | None = None,
    checkpoint: Checkpoint | None = None,
) -> tuple[float, ...]:
    """Train `model` in place, from the last step that `checkpoint` kept; returns each step's loss.

    Dropout is off: it costs a third of the time on a CPU, and without it the only randomness is the seeded order.

    Raises:
        ValueError: there are no rows.
        ModelError: the model is none that can be trained like this.
        FloatingPointError: the loss stopped being a number; the model is then of no use.
    """
    import torch

    if not rows:
        raise ValueError("there is nothing to train on")
    plan = _plan(rows, right, recipe, seed)
    tokens = _Tokens(model, texts, recipe.max_tokens)
    optimizer = _optimizer(model, recipe)
    losses = checkpoint.load(model, optimizer) if checkpoint is not None else []
    scheduler = _schedule(optimizer, recipe, len(plan), len(losses))
    full = max(len(batch.weights) for batch in plan) * float(np.mean([row.weight for row in rows]))
    model.eval()
    with plain_attention(model) if recipe.dtype == "bfloat16" else contextlib.nullcontext():
        for step, batch in enumerate(plan[len(losses) :], start=len(losses) + 1):
            loss = _loss(model, batch, tokens, recipe, full)
            losses.append(float(loss.detach()))
            if not np.isfinite(losses[-1]):
                raise FloatingPointError("the loss stopped being a number")
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            scheduler.step()
            if step % _FREED_EVERY == 0:
                give_back_memory()
            if checkpoint is not None:
                checkpoint.save_if_due(model, optimizer, losses)
            if on_step is not None:
                on_step(Progress(step, len(plan), losses[-1]))
    return tuple(losses)


def _plan(
    rows: Sequence[TrainingRow], right: Mapping[Anchor, frozenset[int]], recipe: Recipe, seed: int
) -> list[Batch]:
    """Every step's batch, epoch after epoch, as far as the recipe goes."""
    an_epoch = ceil(len(rows) / recipe.batch.size)
    steps = max(an_epoch, recipe.min_steps, min(recipe.epochs * an_epoch, recipe.enough_steps))
    plan: list[Batch] = []
    for epoch in range(ceil(steps / an_epoch)):
        plan += make_batches(rows, right, epoch=epoch, seed=seed, rules=recipe.batch)
    return plan[:steps]


def _optimizer(model: SentenceTransformer, recipe: Recipe) -> torch.optim.AdamW:
    """AdamW without decay on biases and norms."""
    import torch

    matrices = [p for p in model.parameters() if p.requires_grad and p.ndim > 1]
    others = [p for p in model.parameters() if p.requires_grad and p.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=recipe.learning_rate,
        fused=True,
    )


def _schedule(optimizer: torch.optim.Optimizer, recipe: Recipe, steps: int, done: int) -> Any:  # noqa: ANN401
    """The rate rises over the first steps and then falls to nothing; `done` of the `steps` are over."""
    import torch

    rising = max(1, round(recipe.warmup * steps))

    def factor(step: int) -> float:
        return (step + 1) / rising if step < rising else max(0.0, (steps - step) / max(1, steps - rising))

    for group in optimizer.param_groups:
        group["initial_lr"] = recipe.learning_rate
    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor, last_epoch=done - 1)


def _loss(model: SentenceTransformer, batch: Batch, tokens: _Tokens, recipe: Recipe, full: float) -> torch.Tensor:
    """Cross-entropy of each row's own positive among the allowed columns, weighted.

    Divided by what a full batch weighs (`full`), not by what this one does, so that the few rows of a last batch,
    or rows that are hardly believed, don't steer the model as much as thirty good ones.
    """
    import torch

    on = model.device
    questions = tokens.encode([tokens.questions[anchor] for anchor in batch.anchors], recipe)
    passages = tokens.encode([tokens.passages[chunk_id] for chunk_id in batch.chunk_ids], recipe)
    logits = recipe.scale * questions @ passages.T
    logits = logits.masked_fill(~torch.from_numpy(batch.allowed).to(on), float("-inf"))
    each = torch.nn.functional.cross_entropy(logits, torch.from_numpy(batch.target).to(on), reduction="none")
    return (each * torch.from_numpy(batch.weights).to(on)).sum() / full


class _Tokens:
    """Every text of a training run, tokenised once and encoded with gradients, like lengths together."""

    def __init__(self, model: SentenceTransformer, texts: Texts, max_tokens: int, together: int = 32) -> None:
        self._model = model
        self._together = together
        if not callable(model.tokenizer):
            raise ModelError(
                "The base model is no transformer (its vectors are looked up by word): nights can't train it."
            )
        longest = min(max_tokens, model.max_seq_length or max_tokens)

        def tokenise(strings: Sequence[str], role: Literal["query", "document"]) -> list[list[int]]:
            prompt = prompt_of(model, role)
            encoded = model.tokenizer([prompt + s for s in strings], truncation=True, max_length=longest)
            return list(encoded["input_ids"])

        self.questions = dict(zip(texts.questions, tokenise(list(texts.questions.values()), "query"), strict=True))
        self.passages = dict(zip(texts.passages, tokenise(list(texts.passages.values()), "document"), strict=True))

    def encode(self, ids: Sequence[list[int]], recipe: Recipe) -> torch.Tensor:
        """`(len(ids), dim)` float32, L2-normalised, with gradients."""
        import torch

        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        parts = []
        for start in range(0, len(order), self._together):
            chosen = [{"input_ids": ids[index]} for index in order[start : start + self._together]]
            padded = self._model.tokenizer.pad(chosen, return_tensors="pt")
            features = {name: padded[name].to(self._model.device) for name in ("input_ids", "attention_mask")}
            half = recipe.dtype == "bfloat16"
            with torch.autocast(self._model.device.type, torch.bfloat16) if half else contextlib.nullcontext():
                parts.append(self._model(features)["sentence_embedding"].float())
        place = torch.empty(len(order), dtype=torch.long)
        place[torch.tensor(order)] = torch.arange(len(order))
        return torch.nn.functional.normalize(torch.cat(parts)[place.to(parts[0].device)], dim=-1)
