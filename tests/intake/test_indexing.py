"""After documents were loaded: what isn't indexed is, and refusals are counted from these documents."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from db.generations import Encoders, serving, unsound_indexes
from db.schema import artefact
from db.settings import Settings
from intake import index_after_load, ingest_paths, measure_after_load
from tests.corpus import add_base_generation, add_document, embed, encoders


def test_an_index_is_built_and_what_is_unrelated_is_measured(engine: sa.Engine, tmp_path: Path) -> None:
    add_base_generation(engine)
    (tmp_path / "parking.md").write_text("# Parking\n\nPermits are handed out by Alma at the front desk on Mondays.\n")
    settings = Settings(data_dir=tmp_path / "data")
    ingest_paths(engine, settings, encoders(), [tmp_path / "parking.md"])
    before = serving(engine)
    assert unsound_indexes(engine, before) != []
    index_after_load(engine, settings, encoders())
    after = serving(engine)
    assert unsound_indexes(engine, after) == []
    assert (after.unrelated_nearness, after.unrelated_spread) != (before.unrelated_nearness, before.unrelated_spread)


def test_in_an_empty_store_nothing_is_measured(engine: sa.Engine, tmp_path: Path) -> None:
    index_after_load(engine, Settings(data_dir=tmp_path), encoders())
    add_base_generation(engine)
    before = serving(engine)
    index_after_load(engine, Settings(data_dir=tmp_path), encoders())
    assert serving(engine).unrelated_nearness == before.unrelated_nearness


def test_one_whose_model_is_gone_keeps_what_was_measured(
    engine: sa.Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add_base_generation(engine)
    embed(engine, add_document(engine, "Parking", [("", "Visitors park on the north side.")]))
    with engine.begin() as connection:
        connection.execute(artefact.update().values(uri="data:gone"))
    before, settings = serving(engine), Settings(data_dir=tmp_path)
    measure_after_load(engine, settings, Encoders(settings))
    assert serving(engine) == before
    assert f"what generation {before.id}'s refusals are counted from stays as it was" in caplog.text
