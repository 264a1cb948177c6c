from __future__ import annotations

from pathlib import Path

import pytest

from db.settings import Settings
from retrain.night.build import poor_index, thin_curve


def test_a_short_curve_is_kept_as_it_is() -> None:
    assert thin_curve([1.23456, 0.5]) == [1.2346, 0.5]
    assert thin_curve([]) == []


@pytest.mark.parametrize("steps", [200, 201, 999, 12_345])
def test_a_long_curve_is_thinned_by_means_of_neighbours(steps: int) -> None:
    curve = thin_curve([float(step) for step in range(steps)])
    assert 100 <= len(curve) <= 200
    assert curve == sorted(curve)
    assert curve[0] == pytest.approx((-(-steps // 200) - 1) / 2)


@pytest.mark.parametrize(("recall", "is_poor"), [(0.949, True), (0.95, False), (1.0, False)])
def test_an_index_that_finds_too_little_is_a_reason(recall: float, is_poor: bool) -> None:
    reasons = poor_index({"recall@10": recall}, Settings(data_dir=Path("unused"), index_recall_floor=0.95))
    assert [f"finds {recall:.1%} of what exact search finds" in reason for reason in reasons] == [True] * is_poor
