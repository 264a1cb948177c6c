"""What goes goes whole, and nothing goes that somebody still uses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import NightshiftError
from db.generations import removal
from db.generations.catalogue import find_candidate, get_generation, list_generations, update_generation
from db.generations.generation import Generation
from db.generations.removal import prune, refuse_candidate, remove_candidate
from db.generations.roles import serving
from db.generations.vectors import read_vectors
from db.settings import Settings
from tests.db.generations.rows import start_run, table_exists
from tests.synthetic import (
    make_generation,
    make_sharing,
    serve,
)


def test_pruning_leaves_what_serves_what_it_can_go_back_to_and_what_is_being_built(
    engine: sa.Engine, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)

    def make(name: str, **values: Any) -> Generation:
        (settings.models_dir / name).mkdir(parents=True)
        (settings.models_dir / name / "model.safetensors").write_bytes(b"weights")
        return make_generation(engine, artefact_uri=f"data:{name}", **values)

    old, refused = make("old"), make("refused", status="refused", run_id=start_run(engine, status="done"))
    given_up = make("given-up", status="building", run_id=start_run(engine, status="failed"))
    building = make("building", status="building", run_id=start_run(engine))
    unfinished = make("unfinished", run_id=start_run(engine))
    previous, current, newest = make("previous"), make("current"), make("newest")
    serve(engine, current, previous)

    assert [item.id for item in prune(engine, settings, keep=1)] == [given_up.id, refused.id, old.id]
    assert [item.id for item in prune(engine, settings)] == [newest.id]
    assert prune(engine, settings) == []
    kept = {building.id, unfinished.id, previous.id, current.id}
    for item in list_generations(engine):
        name = item.artefact_uri.removeprefix("data:")
        assert item.status == "pruned" or item.id in kept
        assert table_exists(engine, item) == (item.id in kept)
        assert (settings.models_dir / name).exists() == (item.id in kept)


def test_what_a_killed_prune_left_on_disk_goes_with_the_next(
    engine: sa.Engine, base: Generation, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    (settings.models_dir / "run-1").mkdir(parents=True)
    make_generation(engine, artefact_uri="data:run-1", status="pruned")
    prune(engine, settings)
    assert list(settings.models_dir.iterdir()) == []


def test_pruning_never_leaves_the_models_folder(engine: sa.Engine, base: Generation, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    make_generation(engine, artefact_uri="data:../precious")
    with pytest.raises(NightshiftError):
        prune(engine, Settings(data_dir=tmp_path))
    assert (tmp_path / "precious").exists()


def test_a_candidate_can_be_removed_unless_it_is_in_service(
    engine: sa.Engine, base: Generation, candidate: Generation
) -> None:
    run_id = start_run(engine)
    with engine.begin() as connection:
        candidate = update_generation(connection, candidate.id, run_id=run_id)
    assert find_candidate(engine, run_id) == candidate
    remove_candidate(engine, candidate)
    assert find_candidate(engine, run_id) is None
    assert not table_exists(engine, candidate)
    with pytest.raises(NightshiftError, match="in service"):
        remove_candidate(engine, base)
    assert len(read_vectors(engine, serving(engine)).chunk_ids) == 4


def test_vectors_and_model_go_with_the_last_generation_that_uses_them(
    engine: sa.Engine, base: Generation, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    model = settings.models_dir / "run-1"
    model.mkdir(parents=True)
    first = make_generation(engine, artefact_uri="data:run-1")
    second = make_sharing(engine, first)
    serve(engine, base, second)
    assert prune(engine, settings) == []
    assert table_exists(engine, second) and model.exists()
    serve(engine, base)
    assert [item.id for item in prune(engine, settings)] == [second.id, first.id]
    assert not table_exists(engine, second) and not model.exists()
    assert get_generation(engine, first.id).artefact_uri == "data:run-1"


def test_a_refused_generation_keeps_a_shared_model_and_no_vectors(
    engine: sa.Engine, base: Generation, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    model = settings.models_dir / "run-1"
    model.mkdir(parents=True)
    first = make_generation(engine, artefact_uri="data:run-1")
    run_id = start_run(engine)
    second = make_sharing(engine, first, run_id=run_id)
    assert [item.id for item in prune(engine, settings)] == [first.id]
    assert table_exists(engine, first)
    refuse_candidate(engine, second, {}, (run_id, 1))
    assert not table_exists(engine, first) and model.exists()


def test_a_candidate_that_shares_takes_nothing_of_the_other_along(engine: sa.Engine, base: Generation) -> None:
    removed: list[int] = []
    first = make_generation(engine)
    second = make_sharing(engine, first)
    for candidate in second, first:
        assert table_exists(engine, candidate) and removed == []
        remove_candidate(engine, candidate, remove_model=lambda id_=candidate.id: removed.append(id_))
    assert not table_exists(engine, first) and removed == [first.id]
    with engine.connect() as connection:
        assert list(connection.scalars(sa.select(schema.artefact.c.id))) == [base.artefact_id]


def test_what_came_into_service_since_it_was_found_prunable_stays(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    current, previous = make_generation(engine), make_generation(engine)
    serve(engine, current, previous)
    monkeypatch.setattr(removal, "prunable", lambda *_: [current, previous])
    assert prune(engine, Settings(data_dir=tmp_path)) == []
    assert table_exists(engine, current) and table_exists(engine, previous)


def test_however_many_rankings_were_fitted_since_the_encoder_before_stays(engine: sa.Engine, tmp_path: Path) -> None:
    first, second = make_generation(engine), make_generation(engine)
    for item, day in (first, 1), (second, 2):
        with engine.begin() as connection:
            update_generation(connection, item.id, promoted_at=datetime(2026, 3, day, tzinfo=UTC))
    refused = make_sharing(engine, second, status="refused")
    rankings = [make_sharing(engine, second) for _ in range(9)]
    serve(engine, rankings[-1], rankings[-2])
    assert prune(engine, Settings(data_dir=tmp_path)) == []
    assert table_exists(engine, first) and get_generation(engine, refused.id).status == "refused"
    third = make_generation(engine)
    serve(engine, third, rankings[-1])
    assert [item.id for item in prune(engine, Settings(data_dir=tmp_path))] == [first.id]
    assert [item.id for item in prune(engine, Settings(data_dir=tmp_path))] == []


def test_kept_are_encoders_however_many_rankings_each_has(engine: sa.Engine, base: Generation, tmp_path: Path) -> None:
    serve(engine, base, make_generation(engine))
    oldest, older, newer = (make_generation(engine) for _ in range(3))
    of_newer = [make_sharing(engine, newer) for _ in range(5)]
    settings = Settings(data_dir=tmp_path)
    assert [item.id for item in prune(engine, settings, keep=2)] == [oldest.id]
    assert table_exists(engine, older)
    assert [item.id for item in prune(engine, settings, keep=1)] == [older.id]
    assert [item.id for item in prune(engine, settings)] == [item.id for item in (*reversed(of_newer), newer)]
    assert not table_exists(engine, newer)


def test_what_runs_learnt_from_is_kept_for_as_long_as_a_model_of_theirs_is(
    engine: sa.Engine, base: Generation, tmp_path: Path
) -> None:
    runs = {name: start_run(engine, status="done") for name in ("trained", "shared", "refused", "nothing", "waits")}
    runs |= {name: start_run(engine, status=name) for name in ("failed", "running", "requested")}
    with engine.begin() as connection:
        learnt = [{"run_id": run_id, "question_id": 1} for run_id in runs.values()]
        connection.execute(schema.learnt_from.insert(), learnt)
        waits = schema.retrain_run.update().where(schema.retrain_run.c.id == runs["waits"])
        connection.execute(waits.values(decision="pending"))
    trained = make_generation(engine, artefact_uri="data:trained", run_id=runs["trained"], status="pruned")
    ranked = make_sharing(engine, trained, run_id=runs["shared"])
    make_generation(engine, artefact_uri="data:refused", run_id=runs["refused"], status="refused")
    serve(engine, base, ranked)

    def kept() -> set[str]:
        prune(engine, Settings(data_dir=tmp_path))
        with engine.connect() as connection:
            there = set(connection.scalars(sa.select(schema.learnt_from.c.run_id)))
        return {name for name, run_id in runs.items() if run_id in there}

    assert kept() == {"trained", "shared", "waits", "running", "requested"}, "its encoder made another one's"
    serve(engine, base)
    assert kept() == {"waits", "running", "requested"}
