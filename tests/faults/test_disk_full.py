"""A disk that is full as vectors are written, or before anything is trained: nothing half is left, all goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.errors import DiskFullError, NightFailedError
from db.generations import Encoders, find_candidate, list_generations, serving
from db.generations.vectors import create_vector_table
from db.nights import list_runs
from db.settings import Settings
from db.store import raw_connection
from retrain.court import Verdict
from retrain.night import preview_night, run_requested_night, space
from retrain.night import run as night
from tests.nicknames import read_in_with_pairs
from tests.retrain.night.test_pending import keep_the_model


def keep_it_on_a_full_disk(engine: sa.Engine, *given: Any) -> Any:
    """As if the disk were full as soon as vectors are copied in."""
    made, facts = keep_the_model(engine, *given)
    with raw_connection(engine) as raw:
        create_vector_table(raw, made)
        raw.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
        )
        raw.execute(f"CREATE TRIGGER no_room BEFORE INSERT ON {made.table} FOR EACH ROW EXECUTE FUNCTION refuse()")
    return made, facts


pytestmark = pytest.mark.store(of=read_in_with_pairs)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", encoder_dtype="float32")


@pytest.fixture
def encoders(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Encoders:
    monkeypatch.setattr(night, "train_generation", keep_the_model)
    monkeypatch.setattr(night, "decide", lambda *_, **__: Verdict(True, ("Better.",), {"learnt_from": 240}))
    return Encoders(settings)


def test_a_full_disk_as_vectors_are_copied_in_ends_the_night_and_leaves_nothing_half(
    engine: sa.Engine, settings: Settings, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = serving(engine)
    (settings.models_dir / "run-99-attempt-1").mkdir(parents=True)  # of a night that was killed long ago
    with monkeypatch.context() as full:
        full.setattr(night, "train_generation", keep_it_on_a_full_disk)
        with pytest.raises(NightFailedError, match="ran out of room .DiskFull.: give it more disk"):
            run_requested_night(engine, settings, encoders, "test")
    [failed] = list_runs(engine)
    assert (failed.status, failed.attempt, failed.decision) == ("failed", 1, None)
    assert find_candidate(engine, failed.id) is None
    assert list_generations(engine) == [serving(engine)] == [base]
    assert {name for name in sa.inspect(engine).get_table_names() if name.startswith("embedding_")} == {base.table}
    assert list(settings.models_dir.iterdir()) == []

    after = run_requested_night(engine, settings, encoders, "test")
    assert after.decision == "promoted"
    assert serving(engine).run_id == after.id


def test_a_disk_too_full_for_vectors_to_be_read_ends_the_night_with_what_to_do(
    engine: sa.Engine, settings: Settings, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(space, "free_bytes", lambda folder: {settings.home: 400_000}[folder])
        with pytest.raises(DiskFullError, match="and 0 MB is free there. Make room") as lacking:
            preview_night(engine, encoders, settings)
        with pytest.raises(NightFailedError) as failed:
            run_requested_night(engine, settings, encoders, "test")
        assert str(failed.value) == str(lacking.value)
    assert run_requested_night(engine, settings, encoders, "test").decision == "promoted"


def test_a_night_that_would_not_fit_trains_nothing_and_says_what_it_takes(
    engine: sa.Engine, settings: Settings, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = serving(engine)
    (settings.models_dir / "run-99").mkdir(parents=True)
    monkeypatch.setattr(night, "train_generation", lambda *_: pytest.fail("it trained"))
    monkeypatch.setattr(space, "free_bytes", lambda _: 10**8)
    [missing] = preview_night(engine, encoders, settings)["missing"]
    assert "and 100 MB is free at" in missing

    ended = run_requested_night(engine, settings, encoders, "test")
    assert (ended.decision, ended.reasons) == ("refused", [missing])
    assert serving(engine) == base
    assert list(settings.models_dir.iterdir()) == []  # room for the next one, as far as that can be made
