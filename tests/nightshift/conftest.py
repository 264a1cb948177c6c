"""The command line as a person has it: arguments in, exit code and what is printed out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nightshift.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on this test's database; gives exit code, output and errors."""
    monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NIGHTSHIFT_ENCODER_DTYPE", "float32")
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return command
