"""Rows of vectors that are chosen now and read later, and all of them in parts."""

from __future__ import annotations

import numpy as np
import pytest

from db.models import ChosenRows, in_parts
from tests.synthetic import unit_vectors

ROWS = unit_vectors(30, 8)


def test_chosen_rows_are_those_of_an_array() -> None:
    places = np.array([3, 9, 10, 11, 29])
    chosen = ChosenRows(ROWS, places)
    assert chosen.shape == (5, 8) and len(chosen) == 5
    assert np.array_equal(chosen[1:4], ROWS[places[1:4]])
    assert np.array_equal(chosen[np.array([4, 0])], ROWS[places[[4, 0]]])


@pytest.mark.parametrize("rows", [1, 7, 30, 100])
def test_all_come_in_their_places(rows: int) -> None:
    seen = np.zeros_like(ROWS)
    for place, part in in_parts(ROWS, rows):
        assert len(part) <= rows
        seen[place] += part
    assert np.array_equal(seen, ROWS)
