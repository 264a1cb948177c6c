"""What was trained is kept, and what other code trained isn't taken up."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.ablation.fits import FITS
from benchmarks.ablation.parts import PARTS
from benchmarks.liars.crowd import honest, liars_10
from benchmarks.quality import learnt
from benchmarks.quality.arrays import Parts
from benchmarks.quality.peers import untrained
from benchmarks.quality.task import Scores, Task
from tests.benchmarks.quality.small_task import make_task


def test_only_the_learnt_are_learnt_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task()
    task.save(tmp_path / "cells" / "0" / "task")
    trained: list[Parts] = []

    def rank(task: Task, votes: object, model: str, on_step: object, parts: Parts) -> Scores:
        trained.append(parts)
        return untrained.rank(task)

    monkeypatch.setattr(learnt, "train_and_rank", rank)
    variants = {name: (honest, PARTS[name]) for name in ("as it ships", "without the votes")}
    first = learnt.learn_all(tmp_path, 0, {"as it ships": variants["as it ships"]}, lambda *_: None)
    both = learnt.learn_all(tmp_path, 0, variants, lambda *_: None)
    assert trained == [parts for _, parts in variants.values()]
    assert list(both) == ["words", "as it ships", "without the votes"]
    assert both["words"] == first["words"] == both["as it ships"]

    learnt.learn_all(tmp_path, 0, {"as it ships": (honest, PARTS["without the votes"])}, lambda *_: None)
    assert len(trained) == 2  # that is kept too, under whatever name
    learnt.learn_all(tmp_path, 0, {"as it ships": (liars_10, Parts())}, lambda *_: None)
    assert len(trained) == 3
    monkeypatch.setattr(learnt, "hash_code", lambda *_: "other" * 8)
    learnt.learn_all(tmp_path, 0, {"as it ships": variants["as it ships"]}, lambda *_: None)
    assert len(trained) == 4


def test_fits_are_kept_beside_trainings_and_told_against_the_weights_that_ship(tmp_path: Path) -> None:
    task = make_task()
    task.save(tmp_path / "cells" / "0" / "task")
    variants = {name: (honest, FITS[name]) for name in ("as it ships", "without words")}
    first = learnt.learn_all(tmp_path, 0, variants, lambda *_: None)
    assert list(first) == ["ranking", "as it ships", "without words"]
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "learnt").iterdir()}
    assert len(kept) == 2
    assert learnt.learn_all(tmp_path, 0, variants, lambda *_: None) == first
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "learnt").iterdir()} == kept
    assert learnt.untaught_of(first) == "ranking"
