"""What lacks torch is skipped, wherever it shows; what fails for another reason fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

FILE_OF_TESTS = """
import subprocess, sys
import pytest

LACKING = "raise ModuleNotFoundError(\\"No module named 'torch'\\")"

@pytest.fixture
def model():
    exec(LACKING)

def test_itself():
    exec(LACKING)

def test_by_a_fixture(model):
    pass

def test_by_a_process_that_says_so():
    assert subprocess.run([sys.executable, "-c", LACKING]).returncode == 0

def test_not_for_want_of_it():
    raise ModuleNotFoundError("No module named 'torchlight'")

def test_without_it():
    pass
"""


def test_what_lacks_torch_is_skipped_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(FILE_OF_TESTS)
    (tmp_path / "test_whole_file.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\")\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.without_torch", "-p", "no:cacheprovider", "-q"]
    done = subprocess.run(
        [*command, "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "test_some.py::test_not_for_want_of_it\n1 failed, 1 passed, 4 skipped" in done.stdout
