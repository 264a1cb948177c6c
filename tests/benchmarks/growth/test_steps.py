"""A small corpus goes all the way, each step in a process of its own, and what is done isn't done again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.growth.__main__ import main
from benchmarks.growth.publish import STEP_NAMES
from benchmarks.growth.steps import STEPS, read_peak


@pytest.mark.programs
def test_each_step_is_measured_once(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    told = tmp_path / "told.json"
    main(tmp_path / "runs", "1000", told)
    measured = json.loads(told.read_text())["sizes"]["1000"]
    assert measured["read in"]["passages"] >= 1000 and not measured["read in"]["failed"]
    assert measured["encode anew"]["disk_bytes"] > 1000 * 768
    assert {"train", "embed", "gate"} <= set(measured["a night"]["phases"])
    assert all(own["peak_bytes"] > 10**8 for own in measured.values())
    main(tmp_path / "runs", "1000", told)
    assert json.loads(told.read_text())["sizes"]["1000"] == measured


def test_every_step_is_told_of() -> None:
    assert tuple(STEPS) == STEP_NAMES


def test_the_most_memory_there_was_is_told(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nVmPeak:\t9 kB\nVmHWM:\t  1024 kB\nVmRSS:\t5 kB\n")
    assert read_peak(status) == 1024**2
