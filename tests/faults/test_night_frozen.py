"""Whoever has the night is frozen: the next one says so and leaves; once it goes on, its night ends as usual."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.nights import find_overdue
from db.nights.requests import request_run
from db.nights.runs import get_run, list_runs
from db.settings import Settings
from nightshift.cli import main
from tests.synthetic import make_generation, serve

# At work, as long as it isn't told to end; its signs of life come often.
NIGHT = """
import sys
from functools import partial
from pathlib import Path
from db.nights import leases
from db.generations.encoders import Encoders
from db.store.engine import create_engine
from db.nights.taking import finish_run
from db.settings.settings import Settings
from retrain.night import attempt
from retrain.night.run import Night

def work(night):
    print("at work", flush=True)
    sys.stdin.readline()
    return finish_run(night.engine, night.run, "refused", ["Too little."])

Night.work = work
attempt.keep_beating = partial(leases.keep_beating, every_s=0.01)
settings = Settings(data_dir=Path(sys.argv[2]))
attempt.run_next_night(create_engine(sys.argv[1]), settings, Encoders(settings))
"""


def test_a_frozen_night_is_said_to_be_overdue_by_whoever_waits(
    engine: sa.Engine,
    database_url: str,
    tmp_path: Path,
    start_python: Callable[..., subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    serve(engine, make_generation(engine))
    run_id = request_run(engine, "cli", "test")
    process = start_python(NIGHT, database_url, tmp_path)
    assert process.stdin is not None and process.stdout is not None and process.stdout.readline() == "at work\n"
    process.send_signal(signal.SIGSTOP)
    frozen_at = get_run(engine, run_id).beat_at
    while (beat := get_run(engine, run_id).beat_at) != frozen_at:  # the last one was under way
        frozen_at = beat
    with engine.begin() as connection:  # hours later
        connection.execute(sa.text("UPDATE retrain_run SET beat_at = now() - interval '3 hours'"))

    monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path))
    with pytest.raises(SystemExit) as left:
        main(["retrain"])
    said = capsys.readouterr().err
    assert left.value.code == 3
    assert f"no sign of life of run {run_id}" in said and f"process {process.pid} on" in said.lower()
    assert "Your request is withdrawn." in said
    assert [run.id for run in list_runs(engine)] == [run_id]

    process.send_signal(signal.SIGCONT)
    while find_overdue(engine, Settings(data_dir=tmp_path)) is not None:
        assert process.poll() is None

    process.communicate("\n", timeout=30)
    assert (process.returncode, get_run(engine, run_id).decision) == (0, "refused")
