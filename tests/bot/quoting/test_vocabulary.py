"""What a word means is looked up once, and nothing grows for ever."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.quoting.vocabulary import Vocabulary, Words
from db.models import USUAL_SCALE, measure_encoder
from tests.scales import Lifted
from tests.synthetic import HashingEncoder


class Counting(HashingEncoder):
    """Knows a word by its length, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def look_up_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        self.asked += words
        return np.array([[len(word), 1] for word in words], dtype=np.float32).reshape(-1, 2)


def test_a_word_is_looked_up_once_and_rows_keep_their_order() -> None:
    counting = Counting()
    vocabulary = Vocabulary(counting, ("english",))
    assert vocabulary.vectors_of(["a", "bbb", "a"]).tolist() == [[1, 1], [3, 1], [1, 1]]
    assert vocabulary.vectors_of(["cc", "bbb"]).tolist() == [[2, 1], [3, 1]]
    assert set(counting.asked) == {"a", "bbb", "cc"}
    assert counting.asked.count("bbb") == 1


def test_there_is_room_for_so_many() -> None:
    counting = Counting()
    vocabulary = Vocabulary(counting, ("english",), kept=2)
    for words in (["a", "bb"], ["ccc"], ["ccc", "a"]):
        assert vocabulary.vectors_of(words)[:, 0].tolist() == [len(word) for word in words]
    assert vocabulary.vectors_of(["a", "bb", "ccc"])[:, 0].tolist() == [1, 2, 3]
    assert counting.asked.count("ccc") == 1


def test_no_words() -> None:
    assert Vocabulary(Counting(), ("english",)).vectors_of([]).shape == (0, 2)


def test_words_are_read_as_the_search_does_and_as_they_are_written() -> None:
    words = Vocabulary(Counting(), ("english",)).read("The Prod runbooks, PROJ-1234")
    assert words.written == {"prod", "runbooks", "proj"}
    assert words.lexemes == {"product", "runbook", "proj", "1234", "proj-1234"}
    assert words | Words(frozenset({"x"}), frozenset({"y"})) == Words(words.lexemes | {"x"}, words.written | {"y"})


def test_it_knows_its_encoder_s_scale() -> None:
    narrow = Lifted(HashingEncoder(), 0.7)
    assert Vocabulary(narrow, ("english",)).scale == measure_encoder(narrow) != USUAL_SCALE
