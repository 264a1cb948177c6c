"""Each text is encoded once, and what is known not at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from db.models import WINDOW
from db.nights import TrainedQuestion
from retrain.lesson.encoding import encode_anchors
from retrain.lesson.labels import Anchor
from retrain.lesson.snapshot import AnchorText, Snapshot
from tests.synthetic import HashingEncoder


class Counting(HashingEncoder):
    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        return super().encode_questions(texts)


def test_the_same_words_are_encoded_once_and_what_is_known_not_again() -> None:
    asked, pair, before = Anchor("question", 1), Anchor("pair", 1), Anchor("trained", 5)
    texts = {asked: AnchorText("long words", 0.0), pair: AnchorText("words", 0.0)}
    snapshot = Snapshot((), {}, texts, trained=(TrainedQuestion(5, 1, None, "long words"),))
    encoder = Counting()
    vectors = encode_anchors(encoder, snapshot)
    assert encoder.encoded == ["long words", "words"]
    assert vectors.keys() == {asked, pair, before}
    assert vectors[asked] is vectors[before]
    one = HashingEncoder().encode_questions(["words"])[0]
    assert np.array_equal(vectors[pair], one)

    more = Counting()
    again = encode_anchors(more, snapshot, {asked: vectors[asked], before: vectors[before]})
    assert more.encoded == ["words"]
    assert all(np.array_equal(again[anchor], vectors[anchor]) for anchor in vectors)


def test_how_far_it_is_is_told() -> None:
    anchors = {Anchor("question", n): AnchorText(f"{n}", 0.0) for n in range(WINDOW + 1)}
    told: list[tuple[int, int]] = []
    encode_anchors(HashingEncoder(), Snapshot((), {}, anchors), on_progress=lambda *now: told.append(now))
    assert told == [(WINDOW, WINDOW + 1), (WINDOW + 1, WINDOW + 1)]
