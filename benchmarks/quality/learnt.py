"""Trainings on the problems that a quality benchmark kept; each is kept beside them, so a killed benchmark goes on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.console import err
from benchmarks.quality import arrays
from benchmarks.quality.arrays import Parts, train_and_rank
from benchmarks.quality.figures import score_task
from benchmarks.quality.peers import untrained
from benchmarks.quality.tables import MEASURE
from benchmarks.quality.task import Task
from db.models import find_base_model
from db.settings import load_settings
from nightshift.terminal.progress import night_progress
from retrain.lesson import Judgement, prepare_lesson
from retrain.night import OnProgress, hash_code
from retrain.training import fit

Learnt = dict[str, list[float]]
"""ndcg@10 of each held-out question, by what was trained, words beside vectors; `words` is without training."""

UNTAUGHT = {"words": "no training", "vectors": "no training, vectors alone"}
"""What stands in results for no training. Those with `vectors` were judged without words, what was trained too."""

Variants = Mapping[str, tuple[Callable[[Task], list[Judgement]], Parts]]
"""By name: the votes to learn from, and what the training is made of."""


def learn_all(runs: Path, seed: int, variants: Variants, on_progress: OnProgress) -> Learnt:
    """Trains whatever wasn't yet, from the same votes by the same code and base model.

    Args:
        runs: the `--runs` folder of a `benchmarks.quality`; gets `learnt/SEED-DIGEST.json`.
        seed: one that the folder has.
        variants: what to train.
        on_progress: called with each step.

    Raises:
        BadInputError: there is no problem of that seed in the folder.
    """
    folder = runs / "cells" / str(seed) / "task"
    task = Task.load(folder)
    learnt: Learnt = {"words": score_task(task, task.serve(untrained.rank(task))).measured[MEASURE].tolist()}
    for name, (vote, parts) in variants.items():
        votes = vote(task)
        path = runs / "learnt" / f"{seed}-{_digest(folder, votes, parts)}.json"
        if not path.exists():

            def on_step(step: int, steps: int, name: str = name) -> None:
                on_progress(f"{name} {seed}", step, steps)

            scores = train_and_rank(task, votes, load_settings().base_model, on_step, parts)
            _keep(path, {"name": name, MEASURE: score_task(task, task.serve(scores)).measured[MEASURE].tolist()})
        learnt[name] = json.loads(path.read_text("utf-8"))[MEASURE]
    return learnt


def learn_seeds(runs: Path, seeds: Sequence[int], variants: Variants) -> dict[int, Learnt]:
    """`learn_all` of each seed, with its progress in the terminal."""
    with night_progress(err) as on_progress:
        return {seed: learn_all(runs, seed, variants, on_progress) for seed in seeds}


def untaught_of(learnt: Mapping[str, object]) -> str:
    """Which of `UNTAUGHT` is among the figures."""
    return next(name for name in UNTAUGHT if name in learnt)


def data_of(runs: Path) -> tuple[str, int]:
    """What the folder's problems are made of: the data's name, and how many votes."""
    benchmark = json.loads((runs / "cells" / "benchmark.json").read_text("utf-8"))
    return str(benchmark["data"]), int(benchmark["votes"])


def question_ids_of(runs: Path, seed: int) -> list[str]:
    """The held-out questions, in the order of their figures."""
    task = Task.load(runs / "cells" / str(seed) / "task")
    return [task.question_ids[row] for row in task.held_out]


def _digest(folder: Path, votes: list[Judgement], parts: Parts) -> str:
    """The same for what would be the same training."""
    code = hash_code(prepare_lesson.__module__, fit.__module__)
    digest = hashlib.sha256(repr((votes, parts, find_base_model(load_settings().base_model)[1], code)).encode())
    for path in (folder / "task.json", folder / "task.npz", Path(arrays.__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _keep(path: Path, kept: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(kept), encoding="utf-8")
    os.replace(part, path)
