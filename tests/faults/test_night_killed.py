"""kill -9 in a night: the old generation goes on serving, the next run takes it up, and nothing is doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.feedback import import_pairs
from db.generations import Encoders, find_candidate, list_generations, maintained, serving
from db.nights import Run, get_run, list_runs
from db.schema import chunk, retrain_run
from db.settings import Settings
from intake.ingest import ingest_paths
from retrain.night import build, run_next_night
from retrain.training import Recipe
from tests.conftest import ROOT
from tests.next_attempt import take_up
from tests.nicknames import make_matters, write_documents, write_pairs

DEADLINE_S = 400
STEPS = {"min_steps": 12, "enough_steps": 12, "learning_rate": 1e-4}
"""Enough to be promoted by; the night is trained in another process, and once more in this one."""
BATCH = 100
"""Passages that are re-embedded at once there: fewer than there are."""
NIGHT = f"""
from functools import partial
from nightshift.cli import main
from retrain.night import build
build.backfill = partial(build.backfill, batch={BATCH})
build.Recipe = partial(build.Recipe, **{STEPS})
main(["retrain"])
"""


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=database_url, encoder_dtype="float32")


@pytest.fixture
def night(
    engine: sa.Engine, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[bytes]]:
    """A company with more chunks than one batch of the re-embedding, and a night of it in another process."""
    monkeypatch.setattr(build, "Recipe", partial(Recipe, **STEPS))
    matters = make_matters(topics=14)
    write_documents(tmp_path / "documents", matters)
    ingest_paths(engine, settings, Encoders(settings), [tmp_path / "documents"])
    write_pairs(tmp_path / "pairs.jsonl", matters[::2])
    import_pairs(engine, tmp_path / "pairs.jsonl", added_by="test")
    assert settings.database_url is not None
    environment = os.environ | {
        "NIGHTSHIFT_DATA_DIR": str(settings.data_dir),
        "NIGHTSHIFT_DATABASE_URL": settings.database_url.get_secret_value(),
    }
    process = subprocess.Popen([sys.executable, "-c", NIGHT], cwd=ROOT, env=environment)
    yield process
    process.kill()
    process.wait()


def kill_in(engine: sa.Engine, process: subprocess.Popen[bytes], phase: str) -> None:
    """Kills the night once it is in that phase; in `embed`, once a batch of vectors is in."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the night ended before it could be killed"
        runs = list_runs(engine)
        if runs and runs[0].phase == phase and (phase != "embed" or count_candidate(engine, runs[0].id)):
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return
        time.sleep(0.01)
    raise AssertionError(f"the night never came to {phase}")


def count_candidate(engine: sa.Engine, run_id: int) -> int:
    candidate = find_candidate(engine, run_id)
    if candidate is None:
        return 0
    with engine.connect() as connection:
        if connection.scalar(sa.select(sa.func.to_regclass(candidate.table))) is None:
            return 0
        return int(connection.scalar(sa.text(f"SELECT count(*) FROM {candidate.table}")) or 0)


@pytest.mark.long
@pytest.mark.parametrize("phase", ["train", "embed"])
def test_a_killed_night_is_taken_up(
    engine: sa.Engine, settings: Settings, night: subprocess.Popen[bytes], phase: str
) -> None:
    kill_in(engine, night, phase)
    killed = list_runs(engine)[0]
    embedded = count_candidate(engine, killed.id)
    with engine.connect() as connection:
        chunks = int(connection.scalar(sa.select(sa.func.count()).select_from(chunk)) or 0)
    assert killed.status == "running"
    assert serving(engine).promoted_by == "the first ingest"
    assert (0 < embedded < chunks) if phase == "embed" else embedded == 0

    encoded: list[int] = []
    run = take_up(
        engine,
        settings,
        Encoders(settings),
        lambda what, done, _total: encoded.append(done) if what == "embed" else None,
    )

    assert run is not None
    assert (run.id, run.attempt, run.decision) == (killed.id, 2, "promoted"), run.reasons
    assert max(encoded) == chunks - embedded  # only what was lacking was encoded
    assert run.phases["train"]["losses"]  # as the attempt that trained recorded it
    assert count_candidate(engine, run.id) == chunks
    assert len(list_generations(engine)) == 2
    assert [item.run_id for item in maintained(engine)] == [run.id, None]
    assert get_run(engine, run.id).snapshot == (killed.snapshot or run.snapshot)
    assert [path.name for path in settings.models_dir.iterdir()] == [f"run-{run.id}"]
    assert_promoted_once_more_is_the_same(engine, settings, run)


def assert_promoted_once_more_is_the_same(engine: sa.Engine, settings: Settings, run: Run) -> None:
    """Killed between the swap and saying so: the next attempt only says so."""
    before = maintained(engine)
    with engine.begin() as connection:
        connection.execute(retrain_run.update().values(status="running", decision=None, finished_at=None))

    again = run_next_night(engine, settings, Encoders(settings))

    assert again is not None
    assert (again.id, again.decision, again.reasons) == (run.id, "promoted", run.reasons)
    assert maintained(engine) == before
