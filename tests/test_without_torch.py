"""What fails for want of torch is skipped, wherever it was asked for; what fails for another reason fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.without_torch import NOTE

# As if it weren't installed: none of the finders but the one that watches is asked for it.
FILE_OF_TESTS = """
import importlib.metadata, subprocess, sys
import pytest

HIDE = "import sys; sys.meta_path[:] = [one for one in sys.meta_path if getattr(one, '__name__', '') == 'Watch']; "

@pytest.fixture(autouse=True)
def hidden(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(sys, "meta_path", [one for one in sys.meta_path if getattr(one, "__name__", "") == "Watch"])

@pytest.fixture(scope="module")
def model():
    raise ModuleNotFoundError("No module named 'torch'")

def test_itself():
    import torch

def test_that_hears_no_reason():
    try:
        import torch
    except ModuleNotFoundError:
        pytest.fail("Something went wrong.")

def test_by_its_version():
    importlib.metadata.version("torch")

def test_by_a_process():
    assert subprocess.run([sys.executable, "-c", HIDE + "import torch"], stderr=subprocess.DEVNULL).returncode == 0

@pytest.mark.parametrize("time", [1, 2])
def test_by_a_fixture(model, time):
    pass

def test_not_for_want_of_it():
    import torchlight

def test_that_does_without_it():
    try:
        import torch
    except ModuleNotFoundError:
        pass
"""


def test_what_lacks_torch_is_skipped_and_nothing_else_but_examples_after_the_first(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(FILE_OF_TESTS)
    (tmp_path / "test_whole_file.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\")\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.without_torch", "-p", "no:cacheprovider", "-q"]
    done = subprocess.run(
        [*command, "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, tmp_path],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != NOTE},
        capture_output=True,
        text=True,
    )
    assert "test_some.py::test_not_for_want_of_it" in done.stdout, done.stdout
    assert "1 failed, 1 passed, 6 skipped, 1 deselected" in done.stdout, done.stdout
