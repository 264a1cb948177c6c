"""What was encoded lately isn't encoded again, and nothing grows for ever."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.quoting.remembering import RememberingEncoder
from db.models import USUAL_SCALE, measure_encoder
from tests.scales import Lifted
from tests.synthetic import HashingEncoder


class Counting:
    """Encodes a text as its length, and counts what it is asked."""

    dimension = 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise NotImplementedError

    def encode_passages(self, texts: Sequence[str], on_batch: object = None) -> NDArray[np.float32]:
        self.asked += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.float32).reshape(-1, 2)


def test_a_passage_is_encoded_once_and_rows_keep_their_order() -> None:
    counting = Counting()
    remembering = RememberingEncoder(counting)
    assert remembering.encode_passages(["a", "bbb", "a"]).tolist() == [[1, 1], [3, 1], [1, 1]]
    assert remembering.encode_passages(["cc", "bbb"]).tolist() == [[2, 1], [3, 1]]
    assert counting.asked == ["a", "bbb", "cc"]


def test_what_was_used_longest_ago_goes_first() -> None:
    counting = Counting()
    remembering = RememberingEncoder(counting, kept=2)
    for texts in (["a", "b"], ["a"], ["c"], ["a"], ["b"]):
        remembering.encode_passages(texts)
    assert counting.asked == ["a", "b", "c", "b"]


def test_more_at_once_than_is_kept() -> None:
    remembering = RememberingEncoder(Counting(), kept=1)
    assert remembering.encode_passages(["a", "bb", "ccc"])[:, 0].tolist() == [1, 2, 3]


def test_nothing_to_encode() -> None:
    assert RememberingEncoder(Counting()).encode_passages([]).shape == (0, 2)


def test_it_knows_its_encoder_s_scale() -> None:
    narrow = Lifted(HashingEncoder(), 0.7)
    assert RememberingEncoder(narrow).scale == measure_encoder(narrow) != USUAL_SCALE
