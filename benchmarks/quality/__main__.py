"""`python -m benchmarks.quality`: what the same votes are worth to Nightshift and to every other use of them."""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Optional

import typer

from benchmarks.console import JsonPath, err, keep, numbers_in, out
from benchmarks.quality.cells import LEARNERS, run_cells
from benchmarks.quality.tables import show_table, summarise
from db.errors import NightshiftError
from nightshift.simulate.dataset import read_dataset, sample_dataset
from nightshift.terminal.progress import night_progress


def main(
    runs: Annotated[
        Path,
        typer.Option(
            "--runs", file_okay=False, help="Gets SEED/LEARNER.run and SEED/qrels; taken up again if it was left."
        ),
    ],
    data: Annotated[
        Optional[Path],  # noqa: UP045 - Typer shows it so
        typer.Option(
            "--data", exists=True, file_okay=False, help="As `nightshift simulate` takes it. Without: the sample."
        ),
    ] = None,
    votes: Annotated[
        str, typer.Option(help="Of each seed; several, separated by commas, one after the other.")
    ] = "1500",
    seeds: Annotated[str, typer.Option(help="Separated by commas.")] = "0,1,2",
    learners: Annotated[str, typer.Option(help=f"Separated by commas, of: {', '.join(LEARNERS)}.")] = ",".join(
        LEARNERS
    ),
    noise: Annotated[float, typer.Option(min=0, max=1, help="Share of votes that are slips.")] = 0.05,
    liars: Annotated[float, typer.Option(min=0, max=1, help="Share of people who vote the wrong way round.")] = 0.0,
    json_path: JsonPath = None,
) -> None:
    """Lets every learner learn from the same simulated votes and curated pairs, and judges all on held-out questions.

    Each seed's votes come from `nightshift simulate`, through the front door; `candidate` is what its night trained and
    `nightshift` what served afterwards. Cells (seed x learner) that are done are kept, so a killed benchmark goes on.
    Of several numbers of votes each has a folder in --runs and a file beside --json, named by its votes; all of them
    share what was read in.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    chosen = [name.strip() for name in learners.split(",") if name.strip()]
    if unknown := [name for name in chosen if name not in LEARNERS]:
        raise typer.BadParameter(f"there is no learner {unknown[0]!r}")
    numbers, levels = numbers_in("seeds", seeds), numbers_in("votes", votes, least=1)
    if "nudge" in chosen and find_spec("nudge") is None:
        raise typer.BadParameter("nudge isn't installed: pip install -e '.[benchmarks]', or leave it out of --learners")
    try:
        dataset = read_dataset(data) if data is not None else sample_dataset()
        for level in levels:
            own = runs / str(level) if len(levels) > 1 else runs
            with night_progress(err) as on_progress:
                cells = run_cells(dataset, own, numbers, chosen, level, noise, liars, on_progress, store=runs / "store")
            summary = summarise(dataset.name, level, cells)
            show_table(out, summary)
            keep(summary, json_path if json_path is None or len(levels) == 1 else _beside(json_path, level))
    except NightshiftError as error:
        err.print(f"benchmarks.quality: {error}", style="red")
        raise typer.Exit(error.exit_code) from None
    except subprocess.CalledProcessError as error:
        err.print("benchmarks.quality: a peer's own process failed; see above. What is done is kept.", style="red")
        raise typer.Exit(1) from error


def _beside(path: Path, votes: int) -> Path:
    return path.with_name(f"{path.stem}-{votes}{path.suffix}")


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
