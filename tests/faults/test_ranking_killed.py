"""kill -9 in a ranking run: what served goes on serving, and the next attempt ends what was begun."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.generations import list_generations, maintained, serving
from db.nights import get_run
from db.nights.requests import request_run
from db.settings import Settings
from tests.conftest import ROOT
from tests.next_attempt import take_up
from tests.ranked_company import found_asked_company, hashing_encoders

KILLED_AT = """
import os, signal, sys
from pathlib import Path
from db.settings import Settings
from db.store import open_store
from retrain.night import run_next_night
from tests.ranked_company import hashing_encoders

url, folder, phase = sys.argv[1:]
settings = Settings(data_dir=Path(folder), database_url=url, base_model="none")

def die(what, *_):
    if what == phase:
        os.kill(os.getpid(), signal.SIGKILL)

with open_store(settings, bounded=False) as engine:
    run_next_night(engine, settings, hashing_encoders(), die)
"""


@pytest.mark.store(of=found_asked_company)
@pytest.mark.parametrize("phase", ["learn", "fit", "gate", "promote"])
def test_a_killed_ranking_run_is_taken_up(engine: sa.Engine, database_url: str, tmp_path: Path, phase: str) -> None:
    base = serving(engine)
    run_id = request_run(engine, "cli", "test", "ranking")
    command = [sys.executable, "-c", KILLED_AT, database_url, str(tmp_path / "data"), phase]
    killed = subprocess.run(command, cwd=ROOT, env=os.environ, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (get_run(engine, run_id).status, get_run(engine, run_id).phase) == ("running", phase)
    assert serving(engine).id == base.id

    settings = Settings(data_dir=tmp_path / "data", base_model="none")
    run = take_up(engine, settings, hashing_encoders())

    assert run is not None and (run.id, run.attempt, run.decision) == (run_id, 2, "promoted"), run.reasons
    assert [item.run_id for item in maintained(engine)] == [run_id, None]
    assert len(list_generations(engine)) == 2
