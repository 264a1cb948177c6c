"""A preview says what a night would do, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from db.errors import EmptyCorpusError
from db.generations import Encoders
from db.nights import list_runs
from db.schema import learnt_from
from db.settings import Settings
from retrain.night.preview import preview_night
from tests.nicknames import read_in_with_pairs


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", encoder_dtype="float32")


@pytest.mark.store(of=read_in_with_pairs)
def test_a_preview_changes_nothing(engine: sa.Engine, settings: Settings) -> None:
    encoders = Encoders(settings)
    preview = preview_night(engine, encoders, settings)

    assert preview["pairs"] == 240
    assert preview["missing"] == []
    assert list_runs(engine) == []
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(learnt_from)) == 0


def test_nothing_ingested_is_one_plain_sentence(engine: sa.Engine, settings: Settings) -> None:
    with pytest.raises(EmptyCorpusError, match="nightshift ingest"):
        preview_night(engine, Encoders(settings), settings)
