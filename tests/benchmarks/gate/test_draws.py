"""Power from real nights' runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.gate import draws
from benchmarks.gate.draws import RULES, power_of_nights
from nightshift.simulate.trec import write_qrels, write_run


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Ten documents, sixty questions, each about one of them: the candidate has it first, and before it was third."""
    documents, ids = [f"d{n}" for n in range(10)], [f"q{n}" for n in range(60)]
    before = np.array([[(n + 1) % 10, (n + 2) % 10, n % 10] for n in range(60)])
    after = before[:, [2, 0, 1]]
    write_qrels(tmp_path / "0" / "qrels", {own: {documents[n % 10]: 1.0} for n, own in enumerate(ids)})
    for name, ranked in (("ranking", before), ("candidate", after)):
        write_run(tmp_path / "0" / f"{name}.run", ids, documents, ranked)
    return tmp_path


def test_a_gain_that_all_questions_share_is_always_seen(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "DRAWS", 5)
    [night] = power_of_nights(runs, [0])
    assert (night["seed"], night["questions"]) == (0, 60)
    assert night["gain"] == pytest.approx(0.5)
    assert night["deviation"] == pytest.approx(0.0)
    assert [own["power"] for own in night["rules"]] == [1.0] * len(RULES)


def test_no_gain_is_seldom_seen(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "DRAWS", 20)
    same = (runs / "0" / "ranking.run").read_text()
    (runs / "0" / "candidate.run").write_text(same)
    [night] = power_of_nights(runs, [0])
    assert [own["power"] for own in night["rules"]] == [0.0] * len(RULES)
