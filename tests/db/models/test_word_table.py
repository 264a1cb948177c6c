"""What a model knows of words by themselves is the same however it is loaded, and nothing where it knows nothing."""

from __future__ import annotations

import numpy as np
import pytest

from db.models.encoder import SentenceEncoder, load_encoder
from db.models.files import find_base_model
from db.models.word_table import WordTable, read_word_table


@pytest.fixture(scope="module")
def frozen() -> SentenceEncoder:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    return load_encoder(directory, sha256=sha256, frozen=True)


def test_words_that_mean_the_like_are_alike(frozen: SentenceEncoder) -> None:
    vectors = frozen.look_up_words(["car", "vehicle", "soup", ""])
    assert np.linalg.norm(vectors[:3], axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[0] @ vectors[1] > 0.5 > 0.3 > vectors[0] @ vectors[2]
    assert frozen.look_up_words([]).shape == (0, vectors.shape[1])
    assert frozen.look_up_words(["soup"])[0] == pytest.approx(vectors[2], abs=1e-6)


def test_however_it_is_loaded(frozen: SentenceEncoder) -> None:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    trainable = load_encoder(directory, sha256=sha256)
    words = ["car", "unbelievable", "日本"]
    assert trainable.look_up_words(words) == pytest.approx(frozen.look_up_words(words), abs=1e-5)


def test_a_model_without_a_table_knows_nothing(frozen: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.models.encoder.read_word_table", lambda model: None)
    assert not SentenceEncoder(frozen.model).look_up_words(["car", "soup"]).any()


def test_tokens_beside_a_text_do_not_count() -> None:
    table = WordTable(np.array([[9, 9], [3, 4], [3, -4]], dtype=np.float32), frozenset({0}))
    assert table.look_up([[0, 1, 0], [0, 1, 2], [0]]) == pytest.approx(np.array([[0.6, 0.8], [1, 0], [0, 0]]))


def test_a_model_that_is_laid_out_otherwise_has_no_table() -> None:
    """Of sentence-transformers' kinds, those that aren't transformers."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import BoW

    assert read_word_table(SentenceTransformer(modules=[BoW(vocab=["car", "soup"])])) is None
