from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.words.bm25 import SCALE, idf, impact, stored_impact


def test_an_impact_by_hand() -> None:
    once, thrice = impact(np.array([1, 3]), np.array([10, 20]), 10)
    assert once == pytest.approx(1.0)  # 2.2 / (1 + 1.2)
    assert thrice == pytest.approx(3 * 2.2 / (3 + 1.2 * (0.25 + 0.75 * 2)))


@given(st.integers(1, 10**6), st.integers(1, 10**7), st.floats(0.5, 1e4))
def test_a_stored_impact_fits_in_fifteen_bits_and_is_near(times: int, length: int, average: float) -> None:
    passage = np.array([times]), np.array([length]), average
    [stored], [exact] = stored_impact(*passage), impact(*passage)
    assert 1 <= stored < 1 << 15
    assert abs(stored / SCALE - exact) <= 1 / SCALE


def test_idf_is_above_zero_and_falls_with_how_many_hold_the_word() -> None:
    assert idf(100, 0) == pytest.approx(math.log(1 + 100.5 / 0.5))
    values = [idf(100, holding) for holding in range(101)]
    assert values == sorted(values, reverse=True)
    assert values[-1] > 0
