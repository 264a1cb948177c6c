"""One run for a data folder: the second is told who has it, and a holder that dies leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from db.errors import ConfigurationError
from nightshift.running.lock import AlreadyRunningError, only_run

HOLD = "import sys; from pathlib import Path; from nightshift.running.lock import only_run\n"
HOLD += "with only_run(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"


def test_a_second_one_is_told_which_process_has_it(tmp_path: Path) -> None:
    home = tmp_path / "a" / "b"
    with only_run(home), pytest.raises(AlreadyRunningError) as refused, only_run(home):
        pass
    assert f"process {os.getpid()}" in str(refused.value) and "nightshift ask" in str(refused.value)
    assert str(refused.value).count("\n") == 0 and refused.value.exit_code not in (0, 1)
    with only_run(home):  # given back
        pass


def test_who_is_killed_holds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunningError, match=f"process {holder.pid}"), only_run(tmp_path):
            pass
        holder.kill()
        holder.wait()
        with only_run(tmp_path):
            assert int((tmp_path / "run.lock").read_text()) == os.getpid()


def test_a_folder_that_cant_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigurationError, match="NIGHTSHIFT_DATA_DIR"), only_run(tmp_path / "file" / "data"):
        pass
