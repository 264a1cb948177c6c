"""The first answer of two checkouts, each by its own code."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.speed.first import AGAINST, compare_first_answers
from benchmarks.speed.measure import OURS

SERVES = """
import sys, time
from pathlib import Path
(Path({said!r}) / "ran").open("a").write(" ".join(sys.argv[1:]) + "\\n")
print("Serving. Ctrl-C stops it.", flush=True)
time.sleep(60)
"""


def test_each_runs_until_it_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other" / "nightshift"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    (other / "__main__.py").write_text(SERVES.format(said=str(tmp_path)))
    monkeypatch.setattr("benchmarks.speed.first.HERE", tmp_path / "other")

    [compared] = compare_first_answers(tmp_path / "other", 2, lambda done, total: None)

    assert {name: len(taken) for name, taken in compared.seconds.items()} == {OURS: 2, AGAINST: 2}
    assert (tmp_path / "ran").read_text() == "run --no-prompt\n" * 6
