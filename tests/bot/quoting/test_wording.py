"""A question's words are found the same, misspelt, and by words that mean the like; rare ones weigh more."""

from __future__ import annotations

import numpy as np
import pytest

from bot.quoting.vocabulary import Vocabulary, Words
from bot.quoting.wording import Wording, read_wording
from db.models import SentenceEncoder, find_base_model, load_encoder
from tests.scales import Lifted
from tests.synthetic import HashingEncoder


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    return load_encoder(directory, sha256=sha256, frozen=True)


def read(vocabulary: Vocabulary, question: str, *pieces: str, context: str = "") -> tuple[Wording, list[Words]]:
    words = [vocabulary.read(piece) for piece in pieces]
    return read_wording(question, vocabulary, words, [vocabulary.read(context)] * len(words)), words


def test_the_same_word_is_had_whole_and_a_like_one_by_its_likeness(encoder: SentenceEncoder) -> None:
    vocabulary = Vocabulary(encoder, ("english",))
    wording, words = read(vocabulary, "car allowances", "An allowance.", "For your vehicle.", "The weather.")
    same, like, other = (wording.having(each) for each in words)
    assert same.tolist() == [0, 1]
    assert 0.5 < like[0] < 0.8 and like[1] == 0
    assert not other.any()
    assert wording.same(words[1]).tolist() == [0, 0]


def test_an_encoder_without_words_compares_them_as_they_are() -> None:
    wording, words = read(Vocabulary(Lifted(HashingEncoder(), 0.1), ("english",)), "car", "A car.", "A vehicle.")
    assert [wording.having(each).tolist() for each in words] == [[1], [0]]


def test_a_misspelt_word_is_taken_for_the_likest_that_is_there() -> None:
    vocabulary = Vocabulary(Lifted(HashingEncoder(), 0.1), ("english",))
    wording, words = read(vocabulary, "expences in irland, abc", "Expenses", "Ireland", "abd")
    assert [wording.same(each).tolist() for each in words] == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_rare_words_weigh_more_and_what_none_has_nothing() -> None:
    vocabulary = Vocabulary(Lifted(HashingEncoder(), 0.1), ("english",))
    wording, words = read(vocabulary, "blue car title zebra", "A blue car", "A car", "A car", context="The title")
    assert wording.weights.sum() == pytest.approx(1)
    assert wording.weights[0] > wording.weights[1] > 0
    assert wording.weights[2] > 0 == wording.weights[3]
    assert wording.weigh(wording.having(words[0])) > wording.weigh(wording.having(words[1]))


def test_no_words_and_no_pieces() -> None:
    vocabulary = Vocabulary(Lifted(HashingEncoder(), 0.1), ("english",))
    for question, pieces in (("the", ("A car",)), ("car", ())):
        wording, words = read(vocabulary, question, *pieces)
        assert np.isfinite(wording.weights).all()
        assert all(wording.weigh(wording.having(each)) == 0 for each in words)
