"""After documents were loaded: what isn't indexed is, and refusals are counted from these documents."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from db.errors import ModelError
from db.generations import Encoders, Generation, has_index, serving
from db.settings import Settings
from db.store import raw_connection
from intake import index_after_load, ingest_paths, measure_after_load
from tests.corpus import add_base_generation, encoders


def test_an_index_is_built_and_what_is_unrelated_is_measured(engine: sa.Engine, tmp_path: Path) -> None:
    add_base_generation(engine)
    (tmp_path / "parking.md").write_text("# Parking\n\nPermits are handed out by Alma at the front desk on Mondays.\n")
    settings = Settings(data_dir=tmp_path / "data")
    ingest_paths(engine, settings, encoders(), [tmp_path / "parking.md"])
    before = serving(engine)
    index_after_load(engine, settings, encoders())
    after = serving(engine)
    with raw_connection(engine) as raw:
        assert has_index(raw, after)
    assert (after.unrelated_nearness, after.unrelated_spread) != (before.unrelated_nearness, before.unrelated_spread)


def test_in_an_empty_store_nothing_is_measured(engine: sa.Engine, tmp_path: Path) -> None:
    index_after_load(engine, Settings(data_dir=tmp_path), encoders())
    add_base_generation(engine)
    before = serving(engine)
    index_after_load(engine, Settings(data_dir=tmp_path), encoders())
    assert serving(engine).unrelated_nearness == before.unrelated_nearness


def test_one_whose_model_is_gone_keeps_what_was_measured(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get(_self: Encoders, generation: Generation) -> None:
        raise ModelError(f"The model of generation {generation.id} is gone.")

    base = add_base_generation(engine)
    monkeypatch.setattr(Encoders, "get", get)
    measure_after_load(engine, Settings(data_dir=tmp_path), encoders())
    assert serving(engine) == base
