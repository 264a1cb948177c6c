"""`python -m benchmarks.liars`: what liars cost a night, with its defences and without."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Optional

import numpy as np
import typer
from rich.console import Console

from benchmarks.liars.crowd import CROWDS
from benchmarks.liars.publish import MEASURE, show_table, summarise
from benchmarks.quality.arrays import train_and_rank
from benchmarks.quality.figures import score_task
from benchmarks.quality.task import Task
from db.errors import NightshiftError
from db.settings import load_settings
from nightshift.progress import night_progress
from retrain.build import OnProgress
from retrain.labels import LabelRules
from retrain.unchanged import code_hash

SIDES = {
    "defended": LabelRules(),
    "undefended": LabelRules(person_share=1.0, chunk_share=1.0, min_agreement=0.01, min_reliability=0.0),
}

out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)  # a file has no width to fit the table into
err = Console(stderr=True, highlight=False, soft_wrap=True)


def main(
    runs: Annotated[
        Path,
        typer.Option(
            exists=True, file_okay=False, help="The --runs folder of a `benchmarks.quality`; gets liars/SEED-CODE.json."
        ),
    ],
    seeds: Annotated[str, typer.Option(help="Separated by commas; those that the folder has.")] = "0",
    json_path: Annotated[
        Optional[Path],  # noqa: UP045 - Typer shows it so
        typer.Option("--json", dir_okay=False, help="Where all figures go."),
    ] = None,
) -> None:
    """Trains on each crowd's votes with the night's defences and without, and ranks the held-out questions.

    The problems are those that `python -m benchmarks.quality --runs DIR` kept. What is done is kept there too, so that
    a killed benchmark goes on. The gate has no say here: what is shown is what would have been trained.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        numbers = [int(seed) for seed in seeds.split(",")]
    except ValueError:
        raise typer.BadParameter("seeds are whole numbers, separated by commas") from None
    try:
        with night_progress(err) as on_progress:
            cells = {seed: _cells_of(runs, seed, on_progress) for seed in numbers}
    except NightshiftError as error:
        err.print(f"benchmarks.liars: {error}", style="red")
        raise typer.Exit(error.exit_code) from None
    name = json.loads((runs / "cells" / "benchmark.json").read_text("utf-8"))["data"]
    summary = summarise(name, cells)
    show_table(out, summary)
    if json_path is not None:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")


def _cells_of(runs: Path, seed: int, on_progress: OnProgress) -> dict[str, float]:
    """Mean ndcg@10 of the base and of each crowd and side; what other code made of them isn't taken up."""
    task = Task.load(runs / "cells" / str(seed) / "task")
    path = runs / "liars" / f"{seed}-{code_hash()[:12]}.json"
    cells: dict[str, float] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    if "base" not in cells:
        base = task.question_vectors[task.judging] @ task.passage_vectors.T
        cells["base"] = float(np.mean(score_task(task, base).measured[MEASURE]))
    for crowd, vote in CROWDS.items():
        for side, rules in SIDES.items():
            name = f"{crowd}, {side}"
            if name in cells:
                continue

            def on_step(step: int, steps: int, name: str = name) -> None:
                on_progress(f"{name} {seed}", step, steps)

            scores = train_and_rank(task, vote(task), load_settings().base_model, on_step, rules)
            cells[name] = float(np.mean(score_task(task, scores).measured[MEASURE]))
            _keep(path, cells)
    return cells


def _keep(path: Path, cells: dict[str, float]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(cells, indent=1), encoding="utf-8")
    os.replace(part, path)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
