"""SIGTERM or SIGINT in mid-night: the process ends cleanly and soon, and for the run that is no death."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.nights.leases import MAX_ATTEMPTS
from db.nights.requests import request_run
from db.nights.runs import get_run
from db.nights.taking import finish_run
from db.settings import Settings
from retrain.night import run_next_night
from retrain.night.run import Night
from tests.corpus import encoders
from tests.synthetic import make_generation, serve

# A night that is at work until it is stopped; it says so once a thread of Python's own, as torch has, is busy too.
NIGHTS = """
import os, sys, threading
from pathlib import Path
from db.settings.settings import Settings
from nightshift.running import night_process
from retrain.night.run import Night

def work(night):
    print("at work", flush=True)
    threading.Event().wait()

Night.work = work
night_process.run_nights(Settings(data_dir=Path(sys.argv[2]), database_url=sys.argv[1]))
"""

RETRAIN = NIGHTS.replace(
    "night_process.run_nights(Settings(data_dir=Path(sys.argv[2]), database_url=sys.argv[1]))",
    """
os.environ |= {"NIGHTSHIFT_DATABASE_URL": sys.argv[1], "NIGHTSHIFT_DATA_DIR": sys.argv[2]}
from nightshift.cli import main
main(["retrain"])
""",
)


@pytest.mark.parametrize(
    ("script", "how"), [(NIGHTS, signal.SIGTERM), (NIGHTS, signal.SIGINT), (RETRAIN, signal.SIGTERM)]
)
def test_a_stop_in_mid_night_is_clean_and_no_death(
    engine: sa.Engine,
    database_url: str,
    tmp_path: Path,
    start_python: Callable[..., subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    how: signal.Signals,
) -> None:
    serve(engine, make_generation(engine))
    run_id = request_run(engine, "cli", "test")
    with engine.begin() as connection:  # two real deaths: one more, and it would be given up
        connection.execute(sa.text("UPDATE retrain_run SET status = 'running', attempt = :n"), {"n": MAX_ATTEMPTS - 1})

    process = start_python(script, database_url, tmp_path)
    assert process.stdout is not None and process.stdout.readline() == "at work\n"
    os.kill(process.pid, how)
    _, said = process.communicate(timeout=30)

    assert process.returncode == (0 if script == NIGHTS else 130), said
    assert "Traceback" not in said
    stopped = get_run(engine, run_id)
    assert (stopped.status, stopped.attempt, stopped.stopped) == ("requested", MAX_ATTEMPTS, 1)
    monkeypatch.setattr(Night, "work", lambda night: finish_run(engine, night.run, "refused", ["Too little."]))
    ended = run_next_night(engine, Settings(data_dir=tmp_path), encoders())
    assert ended is not None and (ended.id, ended.decision) == (run_id, "refused")
