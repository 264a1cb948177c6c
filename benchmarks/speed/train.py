"""Training steps: `retrain.training.train.fit` beside sentence-transformers' own loss and trainer, on the same rows."""

from __future__ import annotations

import contextlib
import copy
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from benchmarks.speed.measure import LIMIT, OURS, Comparison, Show, take_turns
from retrain.lesson import Anchor, Texts, TrainingRow
from retrain.training import Recipe, fit, group_rows

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from db.models import TrainableEncoder

LIBRARY = "MultipleNegativesRankingLoss"
TRAINER = "SentenceTransformerTrainer"
_SEED = 0

RECIPE = Recipe(learning_rate=0.0, epochs=1, min_steps=0)
"""The night's, once over the rows. At this rate all rounds begin with the same weights, and take as long as any."""


def compare_training(
    encoder: TrainableEncoder,
    dtypes: Sequence[str],
    passages: Sequence[str],
    questions: Sequence[str],
    rounds: int,
    show: Show,
) -> Iterator[Comparison]:
    """One for each dtype, on a row for each question."""
    exercise = make_exercise(questions, passages)
    for dtype in dtypes:
        recipe = replace(RECIPE, dtype=dtype)
        steps = len(list(exercise.batches(recipe.batch.size)))
        seconds = take_turns(trainers(encoder.model, exercise, recipe), rounds, units=steps, show=show)
        yield Comparison(f"train on {len(exercise.rows)} rows, {dtype}", "step", LIMIT, seconds)


@dataclass(frozen=True, slots=True)
class Exercise:
    """Rows with one voted and one mined negative each, and their texts."""

    rows: tuple[TrainingRow, ...]
    texts: Texts

    def batches(self, size: int) -> Iterator[list[list[str]]]:
        """The texts of each of `fit`'s batches: a column of anchors, of positives, of voted and of mined negatives."""
        for group in group_rows(self.rows, epoch=0, seed=_SEED, size=size):
            columns = zip(*((row.positive_chunk_id, *row.voted, *row.mined) for row in group), strict=True)
            passages = [[self.texts.passages[chunk_id] for chunk_id in column] for column in columns]
            yield [[self.texts.questions[row.anchor] for row in group], *passages]


def make_exercise(questions: Sequence[str], passages: Sequence[str]) -> Exercise:
    """A row for each question. Which passage is called right makes no step slower, so any is.

    Raises:
        ValueError: there are fewer than three passages for each question.
    """
    rows, third = len(questions), len(passages) // 3
    if rows > third:
        raise ValueError("each row needs three passages of its own")
    anchors = [Anchor("question", number) for number in range(rows)]
    texts = Texts(dict(zip(anchors, questions, strict=True)), dict(enumerate(passages[: 2 * third + rows])))
    return Exercise(
        tuple(TrainingRow(anchor, n, (n + third,), (n + 2 * third,), 1.0) for n, anchor in enumerate(anchors)),
        texts,
    )


def trainers(
    model: SentenceTransformer, exercise: Exercise, recipe: Recipe
) -> Mapping[str, Callable[[], Sequence[float]]]:
    """Each goes once over the rows and gives its losses: of every step, or the trainer's mean.

    The loss is run without dropout, as ours is; the trainer, where what it needs is installed, as it comes.
    """
    model.max_seq_length = recipe.max_tokens
    contenders: dict[str, Callable[[], Sequence[float]]] = {
        OURS: lambda: fit(model, exercise.rows, exercise.texts, {}, recipe, seed=_SEED),
        LIBRARY: lambda: _train_with_loss(model, exercise, recipe),
    }
    if find_spec("accelerate") and find_spec("datasets"):
        own = copy.deepcopy(model)  # it leaves its autocast around the model's forward
        own.model_card_data.generate_widget_examples = False
        contenders[TRAINER] = lambda: _train_with_trainer(own, exercise, recipe)
    return contenders


def _train_with_loss(model: SentenceTransformer, exercise: Exercise, recipe: Recipe) -> list[float]:
    import torch
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from sentence_transformers.util import batch_to_device

    loss = MultipleNegativesRankingLoss(model, scale=recipe.scale)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    half = recipe.dtype == "bfloat16"
    losses = []
    model.eval()
    for columns in exercise.batches(recipe.batch.size):
        features = [batch_to_device(model.preprocess(column), model.device) for column in columns]
        with torch.autocast(model.device.type, torch.bfloat16) if half else contextlib.nullcontext():
            value = loss(features, torch.zeros(len(columns[0])))  # it has no use for labels
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(value.detach()))
    return losses


def _train_with_trainer(model: SentenceTransformer, exercise: Exercise, recipe: Recipe) -> list[float]:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from transformers import PrinterCallback

    columns = zip(*exercise.batches(recipe.batch.size), strict=True)
    names = ("anchor", "positive", "voted", "mined")
    rows = {name: [text for batch in column for text in batch] for name, column in zip(names, columns, strict=True)}
    with tempfile.TemporaryDirectory() as folder:
        trainer = SentenceTransformerTrainer(
            model=model,
            args=SentenceTransformerTrainingArguments(
                output_dir=folder,
                num_train_epochs=1,
                per_device_train_batch_size=recipe.batch.size,
                learning_rate=recipe.learning_rate,
                weight_decay=recipe.weight_decay,
                bf16=recipe.dtype == "bfloat16",
                use_cpu=model.device.type == "cpu",
                dataloader_pin_memory=False,
                save_strategy="no",
                logging_strategy="no",
                report_to="none",
                disable_tqdm=True,
            ),
            train_dataset=Dataset.from_dict(rows),
            loss=MultipleNegativesRankingLoss(model, scale=recipe.scale),
        )
        trainer.remove_callback(PrinterCallback)
        return [trainer.train().training_loss]
