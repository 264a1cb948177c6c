from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from db.generations import read_vectors
from db.settings import Settings
from retrain.court import Side
from retrain.night import build
from retrain.night.build import dtype_for, measure_refusals, poor_index, thin_curve
from tests.synthetic import HashingEncoder, make_generation


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


def test_another_base_model_s_arithmetic_is_its_own(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "choose_dtype", lambda directory: f"measured in {directory}")
    serving, settings = make_generation(engine, dtype="bfloat16"), Settings(data_dir=Path("unused"))
    assert dtype_for(settings, serving.base_model, Path("here"), serving) == "bfloat16"
    assert dtype_for(settings, "another", Path("here"), serving) == "measured in here"
    said = settings.model_copy(update={"encoder_dtype": "float32"})
    assert dtype_for(said, "another", Path("here"), serving) == "float32"


def test_where_nothing_is_stored_refusals_are_counted_as_they_were(engine: sa.Engine) -> None:
    encoder: Any = HashingEncoder()
    generation = make_generation(engine, dimension=encoder.dimension)
    side = Side(generation, encoder, read_vectors(engine, generation))
    assert not np.size(side.stored.chunk_ids)
    assert measure_refusals(engine, Settings(data_dir=Path("unused")), side) is side
