"""Names without a capital, told from other words by the base model."""

from __future__ import annotations

import gc
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from db.models import SentenceEncoder
from db.search import lower_case_names
from db.search.lower_case_names import are_names, read_words

NAMES = "motorola volvo athens helsinki nairobi quebec alaska karen yamamoto voltaire grafana powerpoint tiktok hyundai"
OTHERS = "overtime payroll catering envelope timetable lanyard whiteboard rehearsal dismissal hearing ramp stipend"


def test_names_are_told_from_ordinary_words(encoder: SentenceEncoder) -> None:
    names, others = NAMES.split(), OTHERS.split()
    assert not {*names, *others} & {*read_words("names"), *read_words("ordinary")}
    assert sum(are_names(names, encoder)) >= 13
    assert sum(are_names(others, encoder)) == 0


def test_of_a_possessive_the_owner_counts(encoder: SentenceEncoder) -> None:
    assert are_names(["google's", "Spain’s", "boss's"], encoder) == [True, True, False]


def test_of_no_words_none_is_a_name(encoder: SentenceEncoder) -> None:
    assert are_names([], encoder) == []


def test_each_word_that_they_are_told_by_is_there_once() -> None:
    words = [*read_words("names"), *read_words("ordinary")]
    assert len(words) == len(set(words)) and all(word == word.lower() for word in words)


class Counting:
    """An encoder that counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(len(texts))
        return np.full((len(texts), 2), 0.5, dtype=np.float32)


def test_the_words_are_encoded_once_for_each_encoder_and_forgotten_with_it() -> None:
    encoder = Counting()
    assert are_names(["spain"], encoder) == are_names(["spain"], encoder) == [False]  # type: ignore[arg-type]
    assert encoder.asked == [len(read_words("names")), len(read_words("ordinary")), 1, 1]
    known = len(lower_case_names._boundary_of)
    del encoder
    gc.collect()
    assert len(lower_case_names._boundary_of) == known - 1


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    from db.models import find_base_model, load_encoder
    from db.settings import Settings

    directory, sha256 = find_base_model(Settings().base_model)
    return load_encoder(directory, sha256=sha256, frozen=True)
