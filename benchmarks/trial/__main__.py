"""`python -m benchmarks.trial`: how often a trial promotes what is no better, and how soon it sees what is."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from benchmarks.console import JsonPath, err, keep, out
from benchmarks.trial.lists import Listed, list_all
from benchmarks.trial.planted import Plant, plants
from benchmarks.trial.publish import show
from benchmarks.trial.trials import Seen, hold_trial
from db.errors import NightshiftError
from nightshift.simulate.dataset import read_dataset, sample_dataset
from nightshift.terminal.progress import night_progress
from retrain.court import TrialRules
from retrain.night import MOST_ALPHA, OnProgress

QUESTIONS = 400
ALPHAS = (0.02, MOST_ALPHA, 0.0083)
"""More than a trial may have, the most, and half of that."""

SOON = 200
"""Questions with a say within which harm is to be seen."""


def main(
    data: Annotated[
        Optional[Path],  # noqa: UP045 - Typer shows it so
        typer.Option(
            "--data", exists=True, file_okay=False, help="As `nightshift simulate` takes it. Without: the sample."
        ),
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Of each kind.")] = 2000,
    lists: Annotated[
        Optional[Path],  # noqa: UP045 - Typer shows it so
        typer.Option("--lists", dir_okay=False, help="Where the searches' lists are kept; read if they are there."),
    ] = None,
    json_path: JsonPath = None,
) -> None:
    """Holds trials on lists that vectors and words find for known questions, voted on by simulated people.

    Draw, fold and decision are those of real trials; there is no Slack and no language model.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        with night_progress(err) as on_progress:
            listed = _listed(data, lists, on_progress)
            with ProcessPoolExecutor(os.cpu_count()) as pool:
                told = [_hold(pool, on_progress, listed, plant, trials) for plant in plants(listed)]
    except NightshiftError as error:
        err.print(f"benchmarks.trial: {error}", style="red")
        raise typer.Exit(error.exit_code) from None
    summary = {"data": listed.data, "known": len(listed.questions), "questions": QUESTIONS, "plants": told}
    show(out, summary)
    keep(summary, json_path)


def _listed(data: Path | None, lists: Path | None, on_progress: OnProgress) -> Listed:
    if lists is not None and lists.exists():
        return Listed.load(lists)
    listed = list_all(read_dataset(data) if data is not None else sample_dataset(), on_progress)
    if lists is not None:
        listed.save(lists)
    return listed


def _hold(
    pool: ProcessPoolExecutor, on_progress: OnProgress, listed: Listed, plant: Plant, trials: int
) -> dict[str, Any]:
    rules = [TrialRules(alpha, QUESTIONS) for alpha in ALPHAS]
    seen: list[list[Seen]] = []
    for own in pool.map(partial(hold_trial, listed, plant, rules), range(trials), chunksize=25):
        seen.append(own)
        on_progress(plant.name, len(seen), trials)
    return {
        "name": plant.name,
        "kind": plant.kind,
        "gain": plant.gain(listed),
        "trials": trials,
        "alphas": [{"alpha": alpha} | summarise([own[at] for own in seen]) for at, alpha in enumerate(ALPHAS)],
    }


def summarise(seen: Sequence[Seen]) -> dict[str, Any]:
    """How often trials ended how, and after how much."""
    ended = Counter(own.last.decision for own in seen)
    won, lost, questions = (sum(getattr(own.last, name) for own in seen) for name in ("won", "lost", "questions"))
    return {
        **{decision: ended[decision] for decision in ("promoted", "dropped", "undecided")},
        "dropped_soon": sum(own.last.decision == "dropped" and own.last.questions < SOON for own in seen),
        "mean_questions": questions / len(seen),
        "mean_asked": sum(own.asked for own in seen) / len(seen),
        "coverage": sum(own.contested for own in seen) / max(1, sum(own.slots for own in seen)),
        "won": won / max(1, won + lost),
        "even": 1 - (won + lost) / max(1, questions),
    }


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
