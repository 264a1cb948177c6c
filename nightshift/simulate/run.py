"""Runs a simulation in a folder of its own that is gone afterwards, and shows what came of it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nightshift.simulate.dataset import read_dataset, sample_dataset
from nightshift.simulate.outcome import Outcome, Plan
from nightshift.simulate.plot import draw_outcome
from nightshift.simulate.simulation import simulate
from nightshift.simulate.trec import write_qrels, write_run
from nightshift.terminal.progress import night_progress

if TYPE_CHECKING:
    from rich.console import Console

    from nightshift.simulate.dataset import DataSet


def run_simulation(data: Path | None, plan: Plan, runs: Path | None, *, out: Console | None, err: Console) -> Outcome:
    """Simulates on a folder's data set, or on the sample corpus; shows it on `out` if there is one.

    Raises:
        BadInputError: the data set can't be used.
        NightshiftError: see `nightshift.simulate.simulation.simulate`.
    """
    dataset = read_dataset(data) if data is not None else sample_dataset()
    if runs is not None:
        runs.mkdir(parents=True, exist_ok=True)
    with scratch_folder() as home, night_progress(err) as on_progress:
        outcome = asyncio.run(simulate(dataset, home, plan, on_progress))
    if outcome.nights[-1].votes < plan.votes:
        err.print(
            f"There were no more than {outcome.nights[-1].votes} votes to be had of {plan.votes}.", style="yellow"
        )
    if runs is not None:
        write_runs(runs, dataset, outcome)
        draw_outcome(runs / "simulation.png", dataset, outcome)
    if out is not None:
        from nightshift.simulate.show import show_outcome

        show_outcome(out, dataset, outcome, runs)
    return outcome


def write_runs(folder: Path, dataset: DataSet, outcome: Outcome) -> None:
    """Writes every ranking of the held-out questions, and their judgements, in TREC's forms."""
    last = outcome.nights[-1]
    for name, scored in {"before": outcome.before, "candidate": last.candidate, "after": last.after}.items():
        if scored is not None:
            write_run(folder / f"{name}.run", scored.question_ids, scored.documents, scored.ranked)
    write_qrels(folder / "qrels", {key: dataset.relevant[key] for key in outcome.before.question_ids})


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that is removed at the end.

    Others may pass through it, for the embedded server of a root user runs under another account.
    """
    folder = Path(tempfile.mkdtemp(prefix="nightshift-simulate-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
