"""Cells that are there already are read; cells of another benchmark are never mixed in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.quality.cells import run_cells
from benchmarks.quality.figures import judgements_of, score_task
from benchmarks.quality.peers import untrained
from benchmarks.quality.task import Task
from db.errors import BadInputError
from nightshift.simulate.dataset import DataSet
from tests.benchmarks.quality.small_task import make_task

DATASET = DataSet("small", (), {}, {})


def night_of(folder: Path, task: Task) -> None:
    """What a simulated night leaves behind."""
    task.save(folder / "task")
    scored = score_task(task, untrained.rank(task))
    kept = {name: values.tolist() for name, values in scored.measured.items()}
    for learner in ("candidate", "nightshift"):
        facts = {"decision": "refused"}
        (folder / f"{learner}.json").write_text(json.dumps({"measured": kept, "seconds": 7.0, "facts": facts}))


def test_what_is_done_is_read_and_what_is_missing_is_made(tmp_path: Path) -> None:
    task = make_task()
    night_of(tmp_path / "cells" / "0", task)
    begun: list[str] = []
    chosen = ["base", "memory", "nightshift"]

    cells = run_cells(DATASET, tmp_path, [0], chosen, 300, 0.05, 0.0, lambda what, *_: begun.append(what))

    assert [cell.learner for cell in cells] == chosen
    assert cells[2].facts["decision"] == "refused"
    assert cells[0].question_ids == tuple(judgements_of(task))
    assert len((tmp_path / "0" / "memory.run").read_text().splitlines()) > 0
    assert "memory 0" in begun

    begun.clear()
    again = run_cells(DATASET, tmp_path, [0], chosen, 300, 0.05, 0.0, lambda what, *_: begun.append(what))
    assert [cell.measured["ndcg@10"].tolist() for cell in again] == [
        cell.measured["ndcg@10"].tolist() for cell in cells
    ]
    assert set(begun) == {"seeds"}


def test_a_folder_holds_one_benchmark(tmp_path: Path) -> None:
    night_of(tmp_path / "cells" / "0", make_task())
    run_cells(DATASET, tmp_path, [0], ["base"], 300, 0.05, 0.0, lambda *_: None)
    with pytest.raises(BadInputError, match="holds another benchmark"):
        run_cells(DATASET, tmp_path, [0], ["base"], 301, 0.05, 0.0, lambda *_: None)
