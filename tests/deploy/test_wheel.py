"""The wheel has all that lies in the packages, and asks for no build of torch: it runs where there is no checkout."""

from __future__ import annotations

import re
import tomllib
from email import message_from_string
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.conftest import ROOT

PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
    "packages"
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    [built] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    return ZipFile(built)


def test_everything_in_the_packages_is_in_it(wheel: ZipFile) -> None:
    lying = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert lying - set(wheel.namelist()) == set()
    others = {Path(name).parts[0] for name in wheel.namelist()} - set(PACKAGES)
    assert [re.sub("-.*", "", name) for name in others] == ["nightshift"]  # its own description


@pytest.mark.parametrize(
    "needed",
    [
        "migrations/env.py",
        "migrations/versions/0001_",
        "migrations/script.py.mako",
        "nightshift/corpus/documents/chimera/roadmap-q3-2026.md",
        "nightshift/corpus/questions.jsonl",
        "retrain/report/night.html",
        "retrain/report/style.css",
        "db/words/stop/english.txt",
        "db/search/unanswerable.txt",
    ],
)
def test_what_is_read_at_run_time_is_in_it(wheel: ZipFile, needed: str) -> None:
    assert any(name.startswith(needed) for name in wheel.namelist())


def test_no_build_of_torch_is_asked_for(wheel: ZipFile) -> None:
    [name] = [name for name in wheel.namelist() if name.endswith("METADATA")]
    told = message_from_string(wheel.read(name).decode())
    asked = [line for line in told.get_all("Requires-Dist", []) if re.match(r"(torch|triton|nvidia|cuda)\b", line)]
    assert [re.sub(r"[\d.]+$", "", line) for line in asked] == ["torch>="]
    assert told["Requires-Python"] == ">=3.11"


def test_the_command_is_in_it(wheel: ZipFile) -> None:
    [name] = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "nightshift = nightshift.cli:main" in wheel.read(name).decode()
