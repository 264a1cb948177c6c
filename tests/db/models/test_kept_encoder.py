"""No text is encoded twice by the same model, whichever process asks; another model's vectors are never taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from db.models import find_base_model, load_encoder
from db.models.kept_encoder import KeptEncoder


class Counting:
    """Encodes a text as its length and how it was asked for, and remembers what it was asked."""

    dimension = 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode_questions(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)

    def encode_passages(self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None) -> np.ndarray:
        self.asked += texts
        if on_batch:
            on_batch(len(texts))
        return np.array([[len(text), 2] for text in texts], dtype=np.float32)

    def look_up_words(self, words: Sequence[str]) -> np.ndarray:
        return np.zeros((len(words), 3), dtype=np.float32)


def test_what_was_encoded_is_looked_up_by_whoever_comes_next(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    path = tmp_path / "new" / "encodings.sqlite"
    made = KeptEncoder(first, "m", path).encode_questions(["a", "bb", "a"])
    again = KeptEncoder(second, "m", path).encode_questions(["bb", "ccc", "a"])
    assert (made.tolist(), again.tolist()) == ([[1, 1], [2, 1], [1, 1]], [[2, 1], [3, 1], [1, 1]])
    assert (first.asked, second.asked) == (["a", "bb"], ["ccc"])


def test_questions_passages_and_models_are_told_apart(tmp_path: Path) -> None:
    encoder, done = Counting(), list[int]()
    kept = KeptEncoder(encoder, "m", tmp_path / "e")
    assert kept.encode_questions(["a"]).tolist() == [[1, 1]]
    assert kept.encode_passages(["a"], done.append).tolist() == [[1, 2]]
    assert KeptEncoder(encoder, "other", tmp_path / "e").encode_questions(["a"]).tolist() == [[1, 1]]
    assert encoder.asked == ["a", "a", "a"]
    assert done == [1]


def test_nothing_is_no_error_and_many_are_found(tmp_path: Path) -> None:
    encoder = Counting()
    kept = KeptEncoder(encoder, "m", tmp_path / "e")
    assert kept.encode_passages([]).shape == (0, 2)
    texts = ["x" * number for number in range(1, 1300)]
    np.testing.assert_array_equal(kept.encode_questions(texts), kept.encode_questions(texts))
    assert encoder.asked == texts
    assert kept.look_up_words(["a"]).shape == (1, 3)  # what isn't kept is the encoder's own
    assert kept.dimension == 2


def test_the_real_encoder_s_vectors_come_back_to_the_last_place(tmp_path: Path) -> None:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    encoder = load_encoder(directory, sha256=sha256, dtype="float32")
    kept = KeptEncoder(encoder, sha256, tmp_path / "e")
    texts = ["When does the ferry leave?", "The ferry leaves at ten."]
    np.testing.assert_array_equal(kept.encode_passages(texts), kept.encode_passages(texts))
    np.testing.assert_array_equal(kept.encode_passages(texts), encoder.encode_passages(texts))


def test_where_nothing_can_be_kept_all_is_encoded_each_time_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damaged, nowhere = tmp_path / "damaged.sqlite", tmp_path / "damaged.sqlite" / "encodings.sqlite"
    damaged.write_bytes(b"no database at all" * 100)
    for path in (damaged, nowhere):
        caplog.clear()
        counting = Counting()
        encoder = KeptEncoder(counting, "m", path)
        for _ in range(2):
            assert encoder.encode_questions(["a", "bb"]).tolist() == [[1, 1], [2, 1]]
        assert counting.asked == ["a", "bb", "a", "bb"]
        assert f"what is kept in {path} can't be read" in caplog.text and f"{path} can't be written" in caplog.text


def test_what_is_known_already_counts_as_done(tmp_path: Path) -> None:
    encoder = KeptEncoder(Counting(), "m", tmp_path / "encodings.sqlite")
    encoder.encode_passages(["a", "bb"])
    done: list[int] = []
    encoder.encode_passages(["a", "bb", "ccc"], done.append)
    assert sum(done) == 3
