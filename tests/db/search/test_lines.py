"""The nearest line of some texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from db.search.lines import nearest_line

VECTOR = np.array([1, 0], dtype=np.float32)


def encode(lines: Sequence[str]) -> NDArray[np.float32]:
    """Near are lines that tell of a car."""
    return np.array([[1, 0] if "Own car" in line else [0.2, 0.98] for line in lines], dtype=np.float32)


def test_one_row_of_a_table_is_enough() -> None:
    table = "| What | Limit |\n|---|---|\n| Hotel, per night | €160 |\n| Own car, per kilometre | €0.42 |"
    assert nearest_line(VECTOR, ["Nothing of the kind is said here.", table], encode) == 1
    assert nearest_line(VECTOR, ["Nothing of the kind. Nor is it said here."], encode) == pytest.approx(0.2)


@pytest.mark.parametrize("texts", [[], [""], ["Too short."]])
def test_where_there_is_no_line_nothing_is_near(texts: list[str]) -> None:
    assert nearest_line(VECTOR, texts, encode) == -1
