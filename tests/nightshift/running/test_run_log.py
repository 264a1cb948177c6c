"""The log of a process that talks to a person: in a file, bounded, and back where it was afterwards."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nightshift.running import run_log
from nightshift.running.run_log import LOG, logging_to_file

LOUD = "import logging, warnings; logging.basicConfig(level=logging.WARNING)\n"
LOUD += "from pathlib import Path; from nightshift.running.run_log import logging_to_file; import sys\n"
LOUD += "with logging_to_file(Path(sys.argv[1])) as log:\n"
LOUD += "    logging.getLogger('bot').warning('odd'); warnings.warn('old'); __import__('os').write(log, b'child\\n')\n"
LOUD += "logging.getLogger('bot').warning('after')"


def test_nothing_is_logged_beside_the_answers(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LOUD, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "" and done.stderr == "WARNING:bot:after\n"
    logged = (tmp_path / LOG).read_text()
    assert "WARNING bot: odd" in logged and "UserWarning: old" in logged and "child\n" in logged
    assert (tmp_path / LOG).stat().st_mode & 0o077 == 0


def test_a_long_file_is_put_aside_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_log, "MAX_BYTES", 10)
    for text in ("the first of all\n", "the second one\n", "x\n"):
        with logging_to_file(tmp_path) as log:
            os.write(log, text.encode())
    assert (tmp_path / LOG).read_text() == "x\n"
    assert (tmp_path / "run.log.1").read_text() == "the second one\n"


def test_where_no_file_can_be_written_the_log_stays_where_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with logging_to_file(tmp_path / "nowhere") as log:
        logging.getLogger("bot").warning("odd")
    assert log == 2
    assert "Nothing can be logged" in caplog.text and "odd" in caplog.text
