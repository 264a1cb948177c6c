"""The nearest line of some texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from db.models import EncodedQuestion
from db.search.lines import MOST_LINES, nearest_line
from db.words import tokenizer_of

QUESTION = EncodedQuestion("mileage for my own car", np.array([1, 0], dtype=np.float32))
TOKENIZER = tokenizer_of(("english",))


def encode(lines: Sequence[str]) -> NDArray[np.float32]:
    """Near are lines that tell of a car."""
    assert len(lines) <= MOST_LINES
    return np.array([[1, 0] if "Own car" in line else [0.2, 0.98] for line in lines], dtype=np.float32)


def nearest(*texts: str) -> float:
    return nearest_line(QUESTION, texts, encode, TOKENIZER)


def test_one_row_of_a_table_is_enough() -> None:
    table = "| What | Limit |\n|---|---|\n| Hotel, per night | €160 |\n| Own car, per kilometre | €0.42 |"
    assert nearest("Nothing of the kind is said here.", table) == 1
    assert nearest("Nothing of the kind. Nor is it said here.") == pytest.approx(0.2)


def test_of_many_lines_those_with_the_questions_words_are_looked_at() -> None:
    others = "\n".join(f"Of lunch, and of the number {number}." for number in range(99))
    assert nearest(f"{others}\nOwn cars are paid by mileage.", others) == 1


def test_without_its_words_the_first_ones_are_looked_at() -> None:
    others = "\n".join(f"Of lunch, and of the number {number}." for number in range(MOST_LINES - 1))
    own = "Own caravans don't count."
    assert nearest(f"{others}\n{own}") == 1
    assert nearest(f"{others}\nOne more line there.\n{own}") == pytest.approx(0.2)


@pytest.mark.parametrize("texts", [[], [""], ["Too short."]])
def test_where_there_is_no_line_nothing_is_near(texts: list[str]) -> None:
    assert nearest(*texts) == -1
