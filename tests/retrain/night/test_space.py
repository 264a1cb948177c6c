"""A year of nights leaves as many generations as are to be kept, and none begins that wouldn't fit."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from db.generations import list_generations, maintained, serving
from db.generations.vectors import StoredVectors, drop_vectors
from db.models import find_base_model
from db.settings import Settings
from db.store import raw_connection
from retrain.night import space
from retrain.night.space import lacking_space, make_room, model_takes, read_vectors_take, vectors_take
from tests.night_rows import make_run, store_run
from tests.synthetic import make_generation, serve

NIGHTS = 60


def tables(engine: sa.Engine) -> set[str]:
    return {name for name in sa.inspect(engine).get_table_names() if name.startswith("embedding_")}


@pytest.mark.parametrize("keep", [0, 2])
def test_a_year_of_nights_keeps_what_serves_what_it_can_go_back_to_and_a_few(
    engine: sa.Engine, tmp_path: Path, keep: int
) -> None:
    settings = Settings(data_dir=tmp_path, keep_generations=keep)
    serve(engine, make_generation(engine))
    waiting = make_night(engine, settings, decision="pending")
    for number in range(NIGHTS):
        refused = number % 3 == 0
        run_id = make_night(engine, settings, decision="refused" if refused else "promoted")
        if number % 5 == 0:  # one was killed as it trained
            (settings.models_dir / f"run-{run_id + 10_000}-attempt-1").mkdir()
        make_room(engine, settings)
        held = {item.id for item in maintained(engine)}
        kept = [item for item in list_generations(engine) if item.status != "pruned"]
        spare = [item for item in kept if item.id not in held and item.run_id != waiting]
        assert len(spare) <= keep
        assert spare == [item for item in list_generations(engine) if item.id in {own.id for own in spare}]
        folders = {item.artefact_uri.removeprefix("data:") for item in kept if item.artefact_uri.startswith("data:")}
        assert {path.name for path in settings.models_dir.iterdir()} == folders
        assert tables(engine) <= {item.table for item in kept}
        assert {item.table for item in maintained(engine)} <= tables(engine)
    assert len(list_generations(engine)) == NIGHTS + 2
    assert any(item.run_id == waiting for item in kept)


def make_night(engine: sa.Engine, settings: Settings, *, decision: str) -> int:
    run = store_run(engine, make_run(decision=decision))
    status = "refused" if decision == "refused" else "built"
    made = make_generation(engine, artefact_uri=f"data:run-{run.id}", run_id=run.id, status=status)
    (settings.models_dir / f"run-{run.id}").mkdir(parents=True)
    if decision == "promoted":
        serve(engine, made, serving(engine))
    elif decision == "refused":
        with raw_connection(engine) as raw:
            drop_vectors(raw, made)
    return run.id


def test_that_nothing_can_be_removed_ends_no_night(
    engine: sa.Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_room(engine, Settings(data_dir=tmp_path))  # nothing serves yet
    assert "could not be removed" in caplog.text


def free(monkeypatch: pytest.MonkeyPatch, of: Mapping[Path, int] | int) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda folder: of if isinstance(of, int) else of[folder])


def stored(n_chunks: int, dimension: int) -> StoredVectors:
    """As many vectors, without memory for them."""
    ids = np.broadcast_to(np.int64(0), n_chunks)
    return StoredVectors(ids, ids, np.broadcast_to(np.float32(0), (n_chunks, dimension)))


def test_a_night_that_would_not_fit_is_named_with_what_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path)
    weights = find_base_model(settings.base_model)[0] / "model.safetensors"
    needed = model_takes(weights.stat().st_size) + vectors_take(100_000, 384) + read_vectors_take(100_000, 384)
    free(monkeypatch, int(1.1 * needed))
    assert lacking_space(settings, stored(100_000, 384), is_trained=False) == []
    free(monkeypatch, needed)  # a model is more than its weights
    [sentence] = lacking_space(settings, stored(100_000, 384), is_trained=False)
    assert sentence == (
        f"A night needs about 1.1 GB for its model, checkpoint and vectors, and {needed / 1e9:.1f} GB is free at "
        f"{tmp_path}. Make room there, or remove old generations: `nightshift generations prune`."
    )
    assert lacking_space(settings, stored(100_000, 384), is_trained=True) == []
    free(monkeypatch, vectors_take(100_000, 384) + read_vectors_take(100_000, 384) - 1)
    assert len(lacking_space(settings, stored(100_000, 384), is_trained=True)) == 1


def test_a_database_elsewhere_is_not_weighed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=tmp_path / "not" / "yet", database_url=SecretStr("postgresql://db/x"))
    free(monkeypatch, {tmp_path: 10**9})
    assert lacking_space(settings, stored(100_000, 384), is_trained=False) == []
    free(monkeypatch, {tmp_path: 6 * 10**7})
    assert len(lacking_space(settings, stored(0, 384), is_trained=False)) == 1
    assert len(lacking_space(settings, stored(100_000, 384), is_trained=True)) == 1  # what it reads lies here


def test_what_is_free_is_what_the_disk_says(tmp_path: Path) -> None:
    assert space.free_bytes(tmp_path) == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.05)


def test_vectors_take_what_they_do_in_the_database_and_the_log_is_bounded() -> None:
    assert vectors_take(100_000, 384) == pytest.approx(2 * 1_900 * 100_000, rel=0.1)  # as measured with its index
    assert vectors_take(10**7, 384) == pytest.approx(1_900 * 10**7 + 10**9, rel=0.1)
