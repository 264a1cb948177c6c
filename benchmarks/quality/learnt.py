"""Trainings and fits on the problems that a benchmark kept; each is kept beside them, so a killed benchmark goes on."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.console import err
from benchmarks.quality import arrays, fitted
from benchmarks.quality.arrays import Parts, train_and_rank
from benchmarks.quality.figures import score_task
from benchmarks.quality.fitted import FitParts, fit_weights, rank_fitted
from benchmarks.quality.peers import untrained
from benchmarks.quality.tables import MEASURE
from benchmarks.quality.task import Scores, Task
from db.generations import SHIPPED
from db.models import find_base_model
from db.search import find_best
from db.settings import load_settings
from nightshift.terminal.progress import night_progress
from retrain.lesson import Judgement, prepare_lesson
from retrain.night import OnProgress, hash_code
from retrain.ranking import fit_ranking
from retrain.training import fit

Learnt = dict[str, list[float]]
"""ndcg@10 of each held-out question, by what was learnt; the first, one of `UNTAUGHT`, is without learning."""

UNTAUGHT = {
    "words": "no training",
    "ranking": "no fit, the weights that ship",
    "vectors": "no training, vectors alone",
}
"""What stands in results for no learning.

Where it is `words`, encoders were trained and judged with words beside them; where it is `ranking`, weights were fitted
to what the base model finds; what stands with `vectors` was judged without words, what was trained too.
"""

Variants = (
    Mapping[str, tuple[Callable[[Task], list[Judgement]], Parts]]
    | Mapping[str, tuple[Callable[[Task], list[Judgement]], FitParts]]
)
"""By name: the votes to learn from, and what the training, or the fit, is made of; all of a kind."""


def learn_all(runs: Path, seed: int, variants: Variants, on_progress: OnProgress) -> Learnt:
    """Trains, or fits, whatever wasn't yet, from the same votes by the same code and base model.

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
    fits = all(isinstance(parts, FitParts) for _, parts in variants.values())
    base = rank_fitted(task, task.held_out, SHIPPED) if fits else task.serve(untrained.rank(task))
    learnt: Learnt = {"ranking" if fits else "words": _judge(task, base)}
    for name, (vote, parts) in variants.items():
        votes = vote(task)
        path = runs / "learnt" / f"{seed}-{_digest(folder, votes, parts)}.json"
        if not path.exists():

            def on_step(step: int, steps: int, name: str = name) -> None:
                on_progress(f"{name} {seed}", step, steps)

            began = time.monotonic()
            scores = _learn(task, votes, parts, on_step)
            kept = {"name": name, "seconds": time.monotonic() - began, MEASURE: _judge(task, scores)}
            _keep(path, kept)
        learnt[name] = json.loads(path.read_text("utf-8"))[MEASURE]
    return learnt


def _learn(task: Task, votes: list[Judgement], parts: Parts | FitParts, on_step: Callable[[int, int], None]) -> Scores:
    """What is learnt, as a ranking of the held-out questions and perhaps others after them."""
    if isinstance(parts, FitParts):
        on_step(0, 0)
        return rank_fitted(task, task.held_out, fit_weights(task, votes, parts).ranking)
    return task.serve(train_and_rank(task, votes, load_settings().base_model, on_step, parts))


def _judge(task: Task, scores: Scores) -> list[float]:
    values: list[float] = score_task(task, scores).measured[MEASURE].tolist()
    return values


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


def _digest(folder: Path, votes: list[Judgement], parts: Parts | FitParts) -> str:
    """The same for what would be the same training or fit."""
    learning = (fit_ranking, find_best) if isinstance(parts, FitParts) else (fit,)
    code = hash_code(prepare_lesson.__module__, *(own.__module__ for own in learning))
    digest = hashlib.sha256(repr((votes, parts, find_base_model(load_settings().base_model)[1], code)).encode())
    ours = fitted.__file__ if isinstance(parts, FitParts) else arrays.__file__
    for path in (folder / "task.json", folder / "task.npz", Path(ours)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _keep(path: Path, kept: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(kept), encoding="utf-8")
    os.replace(part, path)
