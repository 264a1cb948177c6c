"""`python -m benchmarks.liars`: what liars cost a night, with its defences and without."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from benchmarks.console import JsonPath, KeptRuns, err, keep, out, seeds_of
from benchmarks.liars.crowd import CROWDS
from benchmarks.liars.publish import PAGE, summarise
from benchmarks.quality.arrays import Parts
from benchmarks.quality.learnt import data_of, learn_seeds
from db.errors import NightshiftError
from retrain.lesson import LabelRules

SIDES = {
    "defended": Parts(),
    "undefended": Parts(LabelRules(person_share=1.0, chunk_share=1.0, min_agreement=0.01, min_reliability=0.0)),
}

VARIANTS = {f"{crowd}, {side}": (vote, parts) for crowd, vote in CROWDS.items() for side, parts in SIDES.items()}


def main(
    runs: KeptRuns,
    seeds: Annotated[str, typer.Option(help="Separated by commas; those that the folder has.")] = "0",
    json_path: JsonPath = None,
) -> None:
    """Trains on each crowd's votes with the night's defences and without, and ranks the held-out questions.

    The problems are those that `python -m benchmarks.quality --runs DIR` kept. What is done is kept there too, so that
    a killed benchmark goes on. The gate has no say here: what is shown is what would have been trained.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    numbers = seeds_of(seeds)
    try:
        learnt = learn_seeds(runs, numbers, VARIANTS)
    except NightshiftError as error:
        err.print(f"benchmarks.liars: {error}", style="red")
        raise typer.Exit(error.exit_code) from None
    summary = summarise(*data_of(runs), learnt)
    PAGE.show(out, summary)
    keep(summary, json_path)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
