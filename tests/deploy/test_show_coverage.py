"""What ran is counted, in this process and in others, and the modules that it reached least of come first."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from deploy.show_coverage import SHOWN, read_coverage, table_of

CONFIG = """
[tool.coverage.run]
source = ["house"]
patch = ["subprocess"]
core = "sysmon"
disable_warnings = ["no-sysmon"]
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "__init__.py").touch()
    (tmp_path / "house" / "whole.py").write_text("REACHED = True\n")
    (tmp_path / "house" / "half.py").write_text("def never():\n    return 1\n")
    (tmp_path / "house" / "none.py").write_text("LACKING = True\n")
    (tmp_path / ".coverage.killed.pid1.Xa").touch()
    command = [sys.executable, "-m", "coverage", "run"]
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    for arguments in ["-m", "house.half"], ["-p", "-m", "house.whole"]:
        subprocess.run([*command, *arguments], cwd=tmp_path, check=True, env=unmeasured)
    return tmp_path


def test_all_that_ran_is_one_and_nothing_is_left_lying_about(house: Path) -> None:
    counts = read_coverage(house)
    assert counts["house/half.py"] == (2, 1)
    assert counts["house/whole.py"] == (1, 0)
    assert counts["house/none.py"] == (1, 1)
    assert [path.name for path in house.glob(".coverage*")] == [".coverage"]


def test_the_least_reached_come_first_and_the_sum_last() -> None:
    counts = {f"db/{number:02}.py": (100, number) for number in range(50)}
    console = Console(file=StringIO(), width=100)
    console.print(table_of(counts))
    head, columns, *rows, total = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert rows[0].split() == ["db/49.py", "100", "49", "51.0%"]
    assert len(rows) == SHOWN
    assert total.split()[-3:] == ["5000", "1225", "75.5%"]
