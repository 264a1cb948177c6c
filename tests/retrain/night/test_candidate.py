"""What an attempt finds of those before it, and what goes with a candidate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa

from db.errors import ModelError
from db.generations import Encoders, Generation, find_candidate, list_generations
from db.nights.requests import request_run
from db.nights.runs import Run
from db.nights.taking import take_next_run
from db.settings import Settings
from retrain.night.candidate import discard_candidate, find_decided, find_trained, keep_built, remove_unfinished
from tests.synthetic import make_generation, serve


class Loads:
    """Stands for encoders; `missing` models can't be loaded."""

    def __init__(self, *missing: int) -> None:
        self._missing = missing

    def get(self, generation: Generation) -> None:
        if generation.id in self._missing:
            raise ModelError("It is gone.")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def base(engine: sa.Engine) -> Generation:
    made = make_generation(engine)
    serve(engine, made)
    return made


@pytest.fixture
def run(engine: sa.Engine, base: Generation) -> Iterator[Run]:
    request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None
        yield run


def make_candidate(engine: sa.Engine, run: Run, base: Generation, **values: Any) -> Generation:
    own = {"run_id": run.id, "parent_id": base.id, "artefact_uri": f"data:run-{run.id}", "status": "building"}
    return make_generation(engine, **own | values)


def test_what_was_decided_is_found_and_what_is_under_way_is_not(engine: sa.Engine, run: Run, base: Generation) -> None:
    assert find_decided(engine, run) is None
    metrics = {"reasons": ["It wasn't better."]}
    made = make_candidate(engine, run, base, metrics=metrics)
    assert find_decided(engine, run) is None
    kept = keep_built(engine, made, {"golden": {}}, run.lease)
    assert (kept.status, kept.metrics) == ("built", metrics | {"golden": {}})
    assert find_decided(engine, run) is None
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE generation SET status = 'refused' WHERE id = :id"), {"id": made.id})
    assert find_decided(engine, run) == ("refused", ["It wasn't better."], kept.metrics)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE generation SET promoted_at = now() WHERE id = :id"), {"id": made.id})
    found = find_decided(engine, run)
    assert found is not None
    assert found[0] == "promoted"


@pytest.mark.parametrize("fault", ["none", "other training", "other parent", "model gone"])
def test_a_candidate_is_found_again_if_it_is_of_this_very_lesson_and_whole(
    engine: sa.Engine, settings: Settings, run: Run, base: Generation, fault: str
) -> None:
    parent = make_generation(engine) if fault == "other parent" else base
    made = make_candidate(engine, run, parent, metrics={"training": "so"})
    model = settings.models_dir / f"run-{run.id}"
    model.mkdir(parents=True)
    encoders = cast(Encoders, Loads(*[made.id] if fault == "model gone" else []))
    training = "otherwise" if fault == "other training" else "so"
    found = find_trained(engine, settings, encoders, run, training)
    assert found == (made if fault == "none" else None)
    assert find_candidate(engine, run.id) == found
    assert model.exists() == (fault == "none")


def test_the_base_model_is_never_deleted_with_a_candidate(
    engine: sa.Engine, settings: Settings, base: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[Path] = []
    made = make_generation(engine, artefact_uri=base.artefact_uri)
    monkeypatch.setattr("shutil.rmtree", lambda path, **_: deleted.append(path))
    discard_candidate(engine, settings, made)
    assert (list_generations(engine), deleted) == ([base], [])


def test_what_trainings_left_goes_and_models_stay(settings: Settings) -> None:
    for name in ("run-1", "run-2-attempt-1"):
        (settings.models_dir / name).mkdir(parents=True)
    (settings.models_dir / "run-2.training").write_text("")
    remove_unfinished(settings)
    assert [path.name for path in settings.models_dir.iterdir()] == ["run-1"]
