"""What killed nights left in the models folder goes; a generation's model and other people's files stay."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from db.generations.leftovers import drop_orphan_tables, find_leftovers, find_orphan_tables, remove_leftovers
from db.settings import Settings
from tests.night_rows import make_run, store_run
from tests.synthetic import make_generation


def test_only_what_no_generation_and_no_running_night_has_goes(engine: sa.Engine, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert find_leftovers(engine, settings) == []
    done = [store_run(engine, make_run()).id for _ in range(3)]
    under_way = store_run(engine, make_run(status="running", decision=None, finished_at=None)).id
    make_generation(engine, artefact_uri=f"data:run-{done[0]}")
    make_generation(engine, artefact_uri=f"data:run-{done[1]}", status="pruned")
    stays = [f"run-{done[0]}", f"run-{under_way}", f"run-{under_way}-attempt-1", f"run-{under_way}.training", "mine"]
    goes = [f"run-{done[1]}", f"run-{done[2]}", f".run-{done[2]}-attempt-1.partial", f"run-{done[2]}.training.part"]
    for name in stays + goes:
        path = settings.models_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if ".training" in name:
            path.write_bytes(b"weights")
        else:
            path.mkdir()
            (path / "model.safetensors").write_bytes(b"weights")
    assert {path.name for path in find_leftovers(engine, settings)} == set(goes)
    assert {path.name for path in settings.models_dir.iterdir()} == {*stays, *goes}
    assert {path.name for path in remove_leftovers(engine, settings)} == set(goes)
    assert {path.name for path in settings.models_dir.iterdir()} == set(stays)
    assert remove_leftovers(engine, settings) == []


def test_vectors_go_that_nothing_can_bring_back(engine: sa.Engine) -> None:
    kept = [make_generation(engine).table, make_generation(engine, status="refused").table]
    lost = [make_generation(engine, status="pruned").table, "embedding_12345"]
    others = ["embedding_12345_mine", "embeddings"]
    with engine.begin() as connection:
        for table in (*lost[1:], *others):
            connection.execute(sa.text(f"CREATE TABLE {table} ()"))
    assert find_orphan_tables(engine) == drop_orphan_tables(engine) == lost
    with engine.connect() as connection:
        standing = set(connection.scalars(sa.text("SELECT tablename FROM pg_tables WHERE tablename ~ '^embedding'")))
    assert standing == {*kept, *others}
    assert find_orphan_tables(engine) == []
