from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from db.errors import ModelError
from db.models import SentenceEncoder
from retrain.lesson import Anchor, Texts, TrainingRow
from retrain.training.batches import BatchRules
from retrain.training.train import Progress, Recipe, fit
from tests.weights import copy_weights

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
    batch=BatchRules(size=4),
)


def own_rank(encoder: SentenceEncoder) -> float:
    scores = encoder.encode_questions(list(QUESTIONS.values())) @ encoder.encode_passages(list(PASSAGES.values())).T
    return float(np.mean([(scores[n] > scores[n, n]).sum() + 1 for n in range(8)]))


def train(encoder: SentenceEncoder, recipe: Recipe = RECIPE, **more: object) -> tuple[float, ...]:
    return fit(encoder.model, ROWS, Texts(QUESTIONS, PASSAGES), {}, recipe, seed=1, **more)  # type: ignore[arg-type]


def test_training_ties_questions_to_their_passages_the_same_way_each_time(encoder: SentenceEncoder) -> None:
    before, start = own_rank(encoder), copy_weights(encoder.model)
    seen: list[Progress] = []
    losses = train(encoder, on_step=seen.append)
    assert own_rank(encoder) < before - 1
    assert losses[-1] < losses[0]
    assert [(p.step, p.steps) for p in seen] == [(n, 6) for n in range(1, 7)]
    after = copy_weights(encoder.model)
    encoder.model.load_state_dict(start)
    assert train(encoder) == losses
    assert all(tensor.equal(after[name]) for name, tensor in encoder.model.state_dict().items())


def test_bfloat16_learns_much_the_same(encoder: SentenceEncoder) -> None:
    before = own_rank(encoder)
    train(encoder, replace(RECIPE, dtype="bfloat16"))
    assert own_rank(encoder) < before - 1
    assert {tensor.dtype.itemsize for name, tensor in encoder.model.named_parameters()} == {4}


def test_nothing_to_train_on_is_refused(encoder: SentenceEncoder) -> None:
    with pytest.raises(ValueError, match="nothing to train on"):
        fit(encoder.model, [], Texts({}, {}), {}, RECIPE, seed=0)


def test_a_loss_that_is_no_number_stops_it(encoder: SentenceEncoder) -> None:
    with pytest.raises(FloatingPointError):
        train(encoder, replace(RECIPE, scale=float("nan")))


def test_few_rows_are_gone_through_again_up_to_the_least_steps_and_no_further(encoder: SentenceEncoder) -> None:
    short = replace(RECIPE, epochs=1, max_tokens=8)
    assert len(train(encoder, replace(short, min_steps=5))) == 5  # two batches an epoch
    assert len(train(encoder, replace(short, epochs=3, min_steps=5))) == 6


def test_many_rows_are_gone_through_once_and_again_up_to_what_is_enough(encoder: SentenceEncoder) -> None:
    short = replace(RECIPE, max_tokens=8)  # two batches an epoch, three epochs
    assert len(train(encoder, replace(short, enough_steps=5))) == 5
    assert len(train(encoder, replace(short, enough_steps=1))) == 2
    assert len(train(encoder, replace(short, enough_steps=1, min_steps=3))) == 3


def test_a_model_that_looks_words_up_is_refused_in_a_sentence(encoder: SentenceEncoder) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    static = SentenceTransformer(
        modules=[StaticEmbedding(encoder.model.tokenizer.backend_tokenizer, embedding_dim=16)], device="cpu"
    )
    with pytest.raises(ModelError, match="no transformer"):
        fit(static, ROWS, Texts(QUESTIONS, PASSAGES), {}, RECIPE, seed=0)
