"""A model that a night made reaches a bot with another data folder by the database, whole and as recorded."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.errors import DatabaseFullError, ModelError, ModelTamperedError
from db.generations import (
    Encoders,
    Generation,
    Pins,
    artefacts,
    backfill,
    fetch_model,
    is_shared,
    pinning,
    prune,
    serving,
    share_model,
    share_models,
)
from db.generations.artefacts import artefact_directory
from db.generations.swap import promote
from db.models import find_base_model, hash_model
from db.schema import artefact_part
from db.settings import Settings
from tests.corpus import add_base_generation, encoders
from tests.db.embedded.processes import wait_for
from tests.synthetic import insert_generation


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Settings:
    """Where nights run."""
    return settings_of(tmp_path / "here", database_url)


@pytest.fixture
def there(tmp_path: Path, database_url: str) -> Settings:
    """Where a bot runs."""
    return settings_of(tmp_path / "there", database_url)


def settings_of(folder: Path, url: str) -> Settings:
    return Settings(data_dir=folder, database_url=url, encoder_dtype="float32")  # type: ignore[arg-type]


@pytest.fixture
def tuned(engine: sa.Engine, here: Settings) -> Generation:
    """A generation with a model of its own, that serves; the base model's is the one before it."""
    base = add_base_generation(engine)
    folder = here.models_dir / "run-1"
    shutil.copytree(find_base_model("all-MiniLM-L6-v2")[0], folder, copy_function=os.link)
    (folder / "tuned.txt").write_text("another model")
    (folder / "1_Pooling" / "empty.txt").touch()
    with engine.begin() as connection:
        uri, sha256 = "data:run-1", hash_model(folder)
        made = insert_generation(connection, base, artefact_uri=uri, artefact_sha256=sha256, status="built")
    backfill(engine, made, encoders().get(base))  # none
    promote(engine, made, expected_current_id=base.id, by="run 1")
    return serving(engine)


def spoil(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(artefact_part).where(artefact_part.c.path == "tuned.txt").values(content=b"mine"))


def test_it_arrives_as_it_was_and_only_once_and_what_no_generation_has_goes(
    engine: sa.Engine, here: Settings, there: Settings, tuned: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [share_model(engine, tuned, here) for _ in range(2)] == [True, False]
    for left in ("run-7", ".run-1.fetched-by-one-that-was-killed"):
        (there.models_dir / left).mkdir(parents=True)
    folder = fetch_model(engine, tuned, there)
    assert folder == there.models_dir / "run-1"
    assert hash_model(folder) == tuned.artefact_sha256
    assert [path.name for path in there.models_dir.iterdir()] == ["run-1"]
    monkeypatch.setattr(artefacts, "_write_parts", None)
    assert fetch_model(engine, tuned, there) == folder


def test_what_is_not_as_recorded_is_refused_and_leaves_nothing(
    engine: sa.Engine, here: Settings, there: Settings, tuned: Generation
) -> None:
    with pytest.raises(ModelError, match="generation 2 is neither in .* nor in the database"):
        fetch_model(engine, tuned, there)
    share_model(engine, tuned, here)
    spoil(engine)
    with pytest.raises(ModelTamperedError, match="generation 2 in the database isn't the one"):
        fetch_model(engine, tuned, there)
    assert list(there.models_dir.iterdir()) == []


@pytest.mark.parametrize("path", ["../../evil.json", "/etc/evil.json"])
def test_no_file_is_written_outside_the_folder(
    engine: sa.Engine, here: Settings, there: Settings, tuned: Generation, path: str
) -> None:
    share_model(engine, tuned, here)
    with engine.begin() as connection:
        connection.execute(artefact_part.update().where(artefact_part.c.path == "tuned.txt").values(path=path))
    with pytest.raises(ModelTamperedError, match="outside its folder"):
        fetch_model(engine, tuned, there)
    assert list(there.models_dir.iterdir()) == []


def test_where_all_have_one_folder_nothing_goes_into_the_database(
    engine: sa.Engine, here: Settings, tuned: Generation
) -> None:
    for own in ({"share_models": "folder"}, {"database_url": None}):
        assert not share_model(engine, tuned, here.model_copy(update=own))
    with engine.connect() as connection:
        assert not is_shared(connection, tuned)


def test_the_one_before_answers_until_it_is_here(
    engine: sa.Engine, here: Settings, there: Settings, tuned: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_models(engine, here)
    pins = Pins(engine, Encoders(there, engine))
    starting: list[Generation] = []
    with monkeypatch.context() as patch:
        patch.setattr(pinning.Pins, "_fetch", lambda _, generation: starting.append(generation))
        assert [pins.pin()[0].id for _ in range(2)] == [tuned.parent_id or 1] * 2
        wait_for(lambda: [one.id for one in starting] == [tuned.id], "a start")
    pins._fetch(tuned)
    assert pins.pin()[0].id == tuned.id
    assert pins.refused == {}


def test_one_that_is_spoilt_on_its_way_is_named_and_the_one_before_goes_on(
    engine: sa.Engine, here: Settings, there: Settings, tuned: Generation
) -> None:
    share_models(engine, here)
    spoil(engine)
    pins = Pins(engine, Encoders(there, engine))
    assert pins.pin()[0].id == 1
    wait_for(lambda: list(pins.refused) == [tuned.id], "a refusal")
    assert "isn't the one that was recorded" in pins.refused[tuned.id]
    assert pins.pin()[0].id == 1


def test_where_nothing_else_can_answer_the_question_waits_for_it(
    engine: sa.Engine, here: Settings, there: Settings, tuned: Generation
) -> None:
    share_models(engine, here)
    pinned, _ = Pins(engine, Encoders(there, engine)).choose([tuned])
    assert pinned.id == tuned.id


def test_it_goes_from_the_database_with_its_last_generation(
    engine: sa.Engine, here: Settings, there: Settings, tuned: Generation
) -> None:
    share_model(engine, tuned, here)
    fetch_model(engine, tuned, there)
    prune(engine, here)
    with engine.connect() as connection:
        assert is_shared(connection, tuned)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM in_service WHERE generation_id = 2"))
        connection.execute(sa.text("UPDATE in_service SET role = 'serving'"))
        connection.execute(sa.text("UPDATE generation SET promoted_at = NULL WHERE id = 2"))
    assert [one.id for one in prune(engine, there)] == [tuned.id]
    with engine.connect() as connection:
        assert not is_shared(connection, tuned)
    assert not artefact_directory(tuned, there).exists()


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), DatabaseFullError("No room.")])
def test_one_that_cannot_be_shared_keeps_nights_from_nothing(
    engine: sa.Engine,
    here: Settings,
    tuned: Generation,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("db.models.check_model_hash", fail)
    share_models(engine, here)
    assert "The model of generation 2 reaches no other machine" in caplog.text


def test_an_address_that_cannot_be_used_keeps_no_other_from_answering(
    engine: sa.Engine, here: Settings, tuned: Generation
) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE artefact SET uri = 'data:../elsewhere' WHERE uri LIKE 'base:%'"))
    assert Pins(engine, Encoders(here, engine)).pin()[0].id == tuned.id
