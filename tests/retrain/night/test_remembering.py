"""Each text is encoded once, to the same vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from retrain.night.remembering import RememberingEncoder
from tests.synthetic import DIMENSION, HashingEncoder


class Counting(HashingEncoder):
    def __init__(self) -> None:
        self.passages: list[str] = []

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.passages += texts
        return super().encode_passages(texts, on_batch)


def test_what_was_encoded_is_not_encoded_again() -> None:
    counting, heard = Counting(), list[int]()
    encoder = RememberingEncoder(counting)
    first = encoder.encode_passages(["a", "b", "a"])
    second = encoder.encode_passages(["b", "c"], heard.append)
    assert counting.passages == ["a", "b", "c"]
    assert heard == [1, 1]
    assert np.array_equal(first, HashingEncoder().encode_passages(["a", "b", "a"]))
    assert np.array_equal(second, HashingEncoder().encode_passages(["b", "c"]))
    assert encoder.encode_passages([]).shape == encoder.encode_questions([]).shape == (0, DIMENSION)
    assert np.array_equal(encoder.encode_questions(["a"]), HashingEncoder().encode_questions(["a"]))
