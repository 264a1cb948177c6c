"""Cells that are there already are read; cells of another benchmark are never mixed in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.quality import cells
from benchmarks.quality.cells import PEERS, STEPS, run_cells
from benchmarks.quality.figures import judgements_of, score_task
from benchmarks.quality.peers import untrained
from benchmarks.quality.task import Task
from db.errors import BadInputError
from nightshift.simulate.dataset import DataSet
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


def test_every_peer_has_the_words_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task()
    night_of(tmp_path / "cells" / "0", task)
    for learner in ("linear_adapter", "nudge"):
        monkeypatch.setitem(cells._BY_COSINES, learner, untrained.rank)
    monkeypatch.setattr(cells.llamaindex, "rank", lambda task, **_: untrained.rank(task))
    untaught = score_task(task, task.serve(untrained.rank(task))).measured["ndcg@10"]
    alone = score_task(task, untrained.rank(task)).measured["ndcg@10"]
    assert untaught.mean() != alone.mean()

    made = run_cells(
        DATASET, tmp_path, [0], ["vectors", "linear_adapter", "nudge", "llamaindex"], 300, 0.05, 0.0, lambda *_: None
    )

    assert made[0].measured["ndcg@10"].tolist() == alone.tolist()
    for peer in made[1:]:
        assert peer.measured["ndcg@10"].tolist() == untaught.tolist()
    assert set(STEPS).isdisjoint(PEERS)


def test_cells_that_were_ranked_by_vectors_alone_are_another_benchmark(tmp_path: Path) -> None:
    night_of(tmp_path / "cells" / "0", make_task())
    before = {"data": "small", "votes": 300, "noise": 0.05, "liars": 0.0}
    (tmp_path / "cells" / "benchmark.json").write_text(json.dumps(before))
    with pytest.raises(BadInputError, match="holds another benchmark"):
        run_cells(DATASET, tmp_path, [0], ["vectors"], 300, 0.05, 0.0, lambda *_: None)
