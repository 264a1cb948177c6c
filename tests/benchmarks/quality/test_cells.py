"""Cells that are there already are read; cells of another benchmark are never mixed in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.quality import cells, fitted
from benchmarks.quality.cells import LEARNERS, PEERS, STEPS, run_cells
from benchmarks.quality.figures import judgements_of, score_task
from benchmarks.quality.peers import untrained
from benchmarks.quality.task import Task
from db.errors import BadInputError
from nightshift.simulate.dataset import DataSet
from nightshift.simulate.outcome import Outcome, Plan
from nightshift.simulate.parts import Parts
from tests.benchmarks.quality.peers import test_peers as peers
from tests.benchmarks.quality.small_task import make_task

DATASET = DataSet("small", (), {}, {})
CELL = {"answers": {}, "seconds": 7.0}


def night_of(folder: Path, task: Task) -> None:
    """What a simulated night leaves behind."""
    task.save(folder / "task")
    scored = score_task(task, untrained.rank(task))
    kept = {name: values.tolist() for name, values in scored.measured.items()}
    for learner in ("ranking", "candidate", "nightshift"):
        facts = {"decision": "refused"}
        (folder / f"{learner}.json").write_text(json.dumps(CELL | {"measured": kept, "facts": facts}))


def test_what_is_done_is_read_and_what_is_missing_is_made(tmp_path: Path) -> None:
    task = make_task()
    night_of(tmp_path / "cells" / "0", task)
    begun: list[str] = []
    chosen = ["vectors", "memory", "nightshift"]

    made = run_cells(DATASET, tmp_path, [0], chosen, 300, 0.05, 0.0, lambda what, *_: begun.append(what))

    assert [cell.learner for cell in made] == chosen
    assert made[2].facts["decision"] == "refused"
    assert made[0].question_ids == tuple(judgements_of(task))
    assert len((tmp_path / "0" / "memory.run").read_text().splitlines()) > 0
    assert "memory 0" in begun

    begun.clear()
    again = run_cells(DATASET, tmp_path, [0], chosen, 300, 0.05, 0.0, lambda what, *_: begun.append(what))
    assert [cell.measured["ndcg@10"].tolist() for cell in again] == [cell.measured["ndcg@10"].tolist() for cell in made]
    assert set(begun) == {"seeds"}


def test_a_folder_holds_one_benchmark(tmp_path: Path) -> None:
    night_of(tmp_path / "cells" / "0", make_task())
    run_cells(DATASET, tmp_path, [0], ["vectors"], 300, 0.05, 0.0, lambda *_: None)
    with pytest.raises(BadInputError, match="holds another benchmark"):
        run_cells(DATASET, tmp_path, [0], ["vectors"], 301, 0.05, 0.0, lambda *_: None)


def test_peers_and_steps_are_all_there_is_and_nobody_is_both() -> None:
    assert set(STEPS).isdisjoint(PEERS)
    assert set(LEARNERS) == {*STEPS, *PEERS}
    assert set(peers.PEERS) - {"vectors"} == set(PEERS) - {"llamaindex"}  # that has a process of its own


def test_the_weights_that_votes_fit_are_a_step_that_needs_no_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = make_task()
    nights: list[int] = []

    async def simulate(home: Path, dataset: DataSet, plan: Plan, on_progress: object) -> tuple[Outcome, Task]:
        nights.append(plan.nights)
        before = score_task(task, untrained.rank(task))
        return Outcome(plan, Parts((), (), ()), before, (), {}), task

    monkeypatch.setattr(cells, "simulate_in", simulate)
    for _ in range(2):
        made = run_cells(DATASET, tmp_path, [0], ["ranking", "fitted"], 300, 0.05, 0.0, lambda *_: None)
    assert nights == [0]  # votes are cast once, and no night is spent
    assert made[0].facts == {"regression": None, "repeats": None}
    expected = score_task(task, fitted.rank(task)).measured["ndcg@10"]
    assert made[1].measured["ndcg@10"].tolist() == expected.tolist()


def test_several_benchmarks_share_what_was_read_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    homes: list[Path] = []

    async def simulate(home: Path, *_: object) -> None:
        homes.append(home)
        raise BadInputError("stop")

    monkeypatch.setattr(cells, "simulate_in", simulate)
    for votes, store in ((50, tmp_path / "store"), (100, tmp_path / "store"), (300, None)):
        with pytest.raises(BadInputError, match="stop"):
            run_cells(DATASET, tmp_path / str(votes), [0], ["fitted"], votes, 0.05, 0.0, lambda *_: None, store=store)
    assert homes == [tmp_path / "store", tmp_path / "store", tmp_path / "300" / "store"]


def test_cells_that_were_ranked_by_vectors_alone_are_another_benchmark(tmp_path: Path) -> None:
    night_of(tmp_path / "cells" / "0", make_task())
    before = {"data": "small", "votes": 300, "noise": 0.05, "liars": 0.0}
    (tmp_path / "cells" / "benchmark.json").write_text(json.dumps(before))
    with pytest.raises(BadInputError, match="holds another benchmark"):
        run_cells(DATASET, tmp_path, [0], ["vectors"], 300, 0.05, 0.0, lambda *_: None)
