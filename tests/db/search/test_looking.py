"""Refusals by the eyes of a generation: its encoder's, and in the languages that its words are in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from db.models import EncodedQuestion
from db.search import lower_case_names
from db.search.features import Written
from db.search.found import Found
from db.search.gathering import FoundDocument
from db.search.looking import why_refused
from db.search.relevance import ENOUGH, NAME_WEIGHT
from db.words import QuestionWords, UnknownWord
from tests.synthetic import imagine_generation

QUESTION = EncodedQuestion("does microsoft pay for a dog", np.array([1, 0], dtype=np.float32))
WORDS = QuestionWords(1.0, (UnknownWord("microsoft", "microsoft", False),))


class Eyes:
    """Sees "microsoft" where names are, and lines that tell of dogs along the question."""

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        names = {*lower_case_names.read_words("names"), "microsoft"}
        return np.array([[1, 0] if text in names else [0, 1] for text in texts], dtype=np.float32)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[1, 0] if "Dogs" in text else [0, 1] for text in texts], dtype=np.float32)


def refused(
    words: QuestionWords, spreads: float, languages: tuple[str, ...] = ("english",), text: str = "Cats may not come."
) -> str | None:
    generation = imagine_generation(unrelated_nearness=0.0, unrelated_spread=0.1, languages=languages)
    found = FoundDocument((Found(1, 1, 1, 0.1 * spreads, 0.0, 0.0, 0.0),))
    return why_refused(QUESTION, words, [found], lambda _: [Written("", "", text)], generation, Eyes())  # type: ignore[arg-type]


def test_lines_are_looked_at() -> None:
    assert refused(QuestionWords(1.0), ENOUGH - 0.1) is not None
    assert refused(QuestionWords(1.0), ENOUGH - 0.1, text="Dogs may come on Fridays.") is None


@pytest.mark.parametrize(("languages", "is_refused"), [(("english",), True), (("english", "german"), False)])
def test_names_are_told_in_english_alone(languages: tuple[str, ...], is_refused: bool) -> None:
    assert (refused(WORDS, ENOUGH + NAME_WEIGHT, languages) is not None) is is_refused
