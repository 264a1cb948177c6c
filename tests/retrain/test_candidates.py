"""One training, and dev decides how much of it to take."""

from __future__ import annotations

import numpy as np

from db.encoder import SentenceEncoder
from retrain.candidates import ALPHAS, DevSet, dev_set, train_candidates
from retrain.labels import Anchor
from retrain.lesson import Lesson
from retrain.snapshot import AnchorText, Snapshot
from retrain.train import Recipe, Texts, copy_weights
from retrain.triplets import TrainingRow

QUESTIONS = {Anchor("question", n): f"Who owns the {word}?" for n, word in enumerate(["zorblat", "quimpel", "vastrix"])}
PASSAGES = {n: f"The {place} is looked after by team {n}." for n, place in enumerate(["roof", "mail room", "cage"])}
ROWS = tuple(TrainingRow(Anchor("question", n), n, ((n + 1) % 3,), (), 1.0) for n in range(3))
LESSON = Lesson((), {}, (), ROWS, {})
RECIPE = Recipe(learning_rate=2e-4, min_steps=6, max_tokens=16)


def dev_of(right: list[int]) -> DevSet:
    """The trained questions as dev, with these passages called right."""
    relevant = tuple({document: 1.0} for document in right)
    return DevSet(tuple(QUESTIONS.values()), relevant, tuple(PASSAGES.values()), np.arange(3))


def train(encoder: SentenceEncoder, dev: DevSet | None, alphas: tuple[float, ...]) -> tuple[int, np.ndarray]:
    tournament = train_candidates(
        encoder, LESSON, Texts(QUESTIONS, PASSAGES), dev, seed=0, recipe=RECIPE, alphas=alphas
    )
    return tournament.winner, encoder.encode_questions(list(QUESTIONS.values()))


def test_dev_decides_how_far_to_go(encoder: SentenceEncoder) -> None:
    untrained = encoder.encode_questions(list(QUESTIONS.values()))
    base = encoder.encode_passages(list(PASSAGES.values())) @ untrained.T
    as_base_has_it = [int(row) for row in base.argmax(axis=0)]
    assert as_base_has_it != [0, 1, 2]  # or there would be nothing to learn

    start = copy_weights(encoder.model)
    winner, vectors = train(encoder, dev_of([0, 1, 2]), (0.0, 1.0))
    assert winner == 1
    assert np.abs(vectors - untrained).max() > 0.05

    encoder.model.load_state_dict(start)
    winner, vectors = train(encoder, dev_of(as_base_has_it), (0.0, 1.0))
    assert winner == 0
    assert np.abs(vectors - untrained).max() < 1e-5


def test_with_nothing_to_choose_by_the_first_is_taken(encoder: SentenceEncoder) -> None:
    tournament = train_candidates(encoder, LESSON, Texts(QUESTIONS, PASSAGES), None, seed=0, recipe=RECIPE)
    assert tournament.alphas == ALPHAS[:1]
    assert tournament.winner == 0


def test_a_dev_question_whose_document_went_has_nothing_right() -> None:
    anchors = [Anchor("pair", 1), Anchor("pair", 2)]
    snapshot = Snapshot((), {1: (10,), 2: (20, 21)}, {anchor: AnchorText(f"q{anchor.id}", 0.0) for anchor in anchors})
    found = dev_set(anchors, snapshot, {10: "gone", 20: "a", 21: "b"}, {20: 7, 21: 7})
    assert found is not None
    assert found.relevant == ({}, {7: 1.0})
    assert found.passages == ("a", "b")
    assert dev_set([], snapshot, {}, {}) is None
