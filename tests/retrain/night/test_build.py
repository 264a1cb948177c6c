from __future__ import annotations

import pytest

from retrain.night.build import thin_curve


def test_a_short_curve_is_kept_as_it_is() -> None:
    assert thin_curve([1.23456, 0.5]) == [1.2346, 0.5]
    assert thin_curve([]) == []


@pytest.mark.parametrize("steps", [200, 201, 999, 12_345])
def test_a_long_curve_is_thinned_by_means_of_neighbours(steps: int) -> None:
    curve = thin_curve([float(step) for step in range(steps)])
    assert 100 <= len(curve) <= 200
    assert curve == sorted(curve)
    assert curve[0] == pytest.approx((-(-steps // 200) - 1) / 2)
