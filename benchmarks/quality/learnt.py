"""Trainings on the problems that a quality benchmark kept; each is kept beside them, so a killed benchmark goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.quality.arrays import Parts, train_and_rank
from benchmarks.quality.figures import score_task
from benchmarks.quality.tables import MEASURE
from benchmarks.quality.task import Task
from db.settings import load_settings
from retrain.build import OnProgress
from retrain.labels import Judgement
from retrain.unchanged import code_hash

Learnt = dict[str, list[float]]
"""ndcg@10 of each held-out question, by what was trained; `base` is without training."""

Variants = Mapping[str, tuple[Callable[[Task], list[Judgement]], Parts]]
"""By name: the votes to learn from, and what the training is made of."""


def learn_all(runs: Path, seed: int, variants: Variants, on_progress: OnProgress) -> Learnt:
    """Trains whatever is lacking; what other code trained isn't taken up.

    Args:
        runs: the `--runs` folder of a `benchmarks.quality`; gets `learnt/SEED-CODE.json`.
        seed: one that the folder has.
        variants: what to train.
        on_progress: called with each step.

    Raises:
        BadInputError: there is no problem of that seed in the folder.
    """
    task = Task.load(runs / "cells" / str(seed) / "task")
    path = runs / "learnt" / f"{seed}-{code_hash()[:12]}.json"
    learnt: Learnt = json.loads(path.read_text("utf-8")) if path.exists() else {}
    if "base" not in learnt:
        base = task.question_vectors[task.judging] @ task.passage_vectors.T
        learnt["base"] = score_task(task, base).measured[MEASURE].tolist()
    for name, (vote, parts) in variants.items():
        if name in learnt:
            continue

        def on_step(step: int, steps: int, name: str = name) -> None:
            on_progress(f"{name} {seed}", step, steps)

        scores = train_and_rank(task, vote(task), load_settings().base_model, on_step, parts)
        learnt[name] = score_task(task, scores).measured[MEASURE].tolist()
        _keep(path, learnt)
    return {name: learnt[name] for name in ("base", *variants)}


def data_of(runs: Path) -> tuple[str, int]:
    """What the folder's problems are made of: the data's name, and how many votes."""
    benchmark = json.loads((runs / "cells" / "benchmark.json").read_text("utf-8"))
    return str(benchmark["data"]), int(benchmark["votes"])


def question_ids_of(runs: Path, seed: int) -> list[str]:
    """The held-out questions, in the order of their figures."""
    task = Task.load(runs / "cells" / str(seed) / "task")
    return [task.question_ids[row] for row in task.held_out]


def _keep(path: Path, learnt: Learnt) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(learnt), encoding="utf-8")
    os.replace(part, path)
