from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from db.encoder import SentenceEncoder, find_base_model, load_encoder
from retrain.batches import BatchRules, Guide
from retrain.labels import Anchor
from retrain.train import Progress, Recipe, Texts, copy_weights, fit, interpolate
from retrain.triplets import TrainingRow

if TYPE_CHECKING:
    import torch

# words that mean nothing to the base model, so that only training can tie a question to its passage
WORDS = ["zorblat", "quimpel", "vastrix", "norgund", "pelfith", "drosken", "muvalir", "thackon"]
PLACES = ["the roof garden", "the mail room", "the server cage", "the print shop"] * 2
QUESTIONS = {Anchor("question", n): f"Where do I find the {word}?" for n, word in enumerate(WORDS)}
PASSAGES = {n: f"Equipment list, item {WORDS[-1 - n]}: see {place}." for n, place in enumerate(PLACES)}
ROWS = [TrainingRow(Anchor("question", n), n, ((n + 1) % 8,), ((n + 3) % 8,), 1.0) for n in range(8)]
RECIPE = Recipe(
    learning_rate=2e-4,
    epochs=3,
    min_steps=0,
    max_tokens=24,
    batch=BatchRules(size=4, guide_margin=-9, duplicate=9),
)


@pytest.fixture(scope="module")
def loaded() -> tuple[SentenceEncoder, dict[str, torch.Tensor]]:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    encoder = load_encoder(directory, sha256=sha256)
    return encoder, copy_weights(encoder.model)


@pytest.fixture
def encoder(loaded: tuple[SentenceEncoder, dict[str, torch.Tensor]]) -> Iterator[SentenceEncoder]:
    loaded[0].model.load_state_dict(loaded[1])
    yield loaded[0]


def guide_of(encoder: SentenceEncoder) -> Guide:
    return Guide(
        encoder.encode_questions(list(QUESTIONS.values())),
        {anchor: row for row, anchor in enumerate(QUESTIONS)},
        encoder.encode_passages(list(PASSAGES.values())),
        {chunk: chunk for chunk in PASSAGES},
    )


def own_rank(encoder: SentenceEncoder) -> float:
    guide = guide_of(encoder)
    scores = guide.anchor_vectors @ guide.chunk_vectors.T
    return float(np.mean([(scores[n] > scores[n, n]).sum() + 1 for n in range(8)]))


def train(encoder: SentenceEncoder, recipe: Recipe = RECIPE, **more: object):  # noqa: ANN201
    return fit(encoder.model, ROWS, Texts(QUESTIONS, PASSAGES), guide_of(encoder), {}, recipe, seed=1, **more)  # type: ignore[arg-type]


def test_training_ties_questions_to_their_passages_the_same_way_each_time(encoder: SentenceEncoder) -> None:
    before, start = own_rank(encoder), copy_weights(encoder.model)
    seen: list[Progress] = []
    trained = train(encoder, on_step=seen.append)
    assert own_rank(encoder) < before - 1
    assert trained.losses[-1] < trained.losses[0]
    assert [(p.step, p.steps) for p in seen] == [(n, 6) for n in range(1, 7)]
    after = copy_weights(encoder.model)
    encoder.model.load_state_dict(start)
    assert train(encoder) == trained
    assert all(tensor.equal(after[name]) for name, tensor in encoder.model.state_dict().items())


def test_the_best_epoch_is_what_remains(encoder: SentenceEncoder) -> None:
    kept = {}

    def score(epoch: int) -> float:
        kept[epoch] = copy_weights(encoder.model)
        return {1: 0.3, 2: 0.5, 3: 0.4}[epoch]

    trained = train(encoder, score_epoch=score)
    assert (trained.scores, trained.best_epoch) == ((0.3, 0.5, 0.4), 2)
    name = next(iter(kept[2]))
    assert encoder.model.state_dict()[name].equal(kept[2][name])
    assert not kept[3][name].equal(kept[2][name])


def test_the_budget_is_in_steps(encoder: SentenceEncoder) -> None:
    assert len(train(encoder, replace(RECIPE, max_steps=1)).losses) == 1


def test_bfloat16_learns_much_the_same(encoder: SentenceEncoder) -> None:
    before = own_rank(encoder)
    train(encoder, replace(RECIPE, dtype="bfloat16"))
    assert own_rank(encoder) < before - 1
    assert {tensor.dtype.itemsize for name, tensor in encoder.model.named_parameters()} == {4}


def test_weights_between_base_and_tuned(encoder: SentenceEncoder) -> None:
    base = copy_weights(encoder.model)
    train(encoder, replace(RECIPE, max_steps=2))
    tuned = copy_weights(encoder.model)
    name = next(name for name, tensor in base.items() if tensor.ndim == 2)
    middle = interpolate(base, tuned, 0.5)[name]
    assert np.allclose(middle.numpy(), (base[name] + tuned[name]).numpy() / 2, atol=1e-7)
    assert all(t.equal(base[n]) for n, t in interpolate(base, tuned, 0.0).items())
    encoder.model.load_state_dict(interpolate(base, tuned, 1.0))
    assert all(t.equal(tuned[n]) for n, t in encoder.model.state_dict().items())


def test_nothing_to_train_on_is_refused(encoder: SentenceEncoder) -> None:
    with pytest.raises(ValueError, match="nothing to train on"):
        fit(encoder.model, [], Texts({}, {}), guide_of(encoder), {}, RECIPE, seed=0)


def test_a_loss_that_is_no_number_stops_it(encoder: SentenceEncoder) -> None:
    with pytest.raises(FloatingPointError):
        train(encoder, replace(RECIPE, scale=float("nan")))


def test_few_rows_are_gone_through_again_up_to_the_least_steps_and_no_further(encoder: SentenceEncoder) -> None:
    short = replace(RECIPE, epochs=1, max_tokens=8)
    assert len(train(encoder, replace(short, min_steps=5)).losses) == 5  # two batches an epoch
    assert len(train(encoder, replace(short, epochs=3, min_steps=5)).losses) == 6
