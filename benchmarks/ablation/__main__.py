"""`python -m benchmarks.ablation`: what each part of the night's training is worth."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from benchmarks.ablation.parts import PARTS, TRIED
from benchmarks.ablation.publish import PAGE, summarise
from benchmarks.console import JsonPath, KeptRuns, err, keep, out, seeds_of
from benchmarks.liars.crowd import honest
from benchmarks.quality.learnt import data_of, learn_seeds, question_ids_of
from db.errors import NightshiftError

KNOWN = PARTS | TRIED


def main(
    runs: KeptRuns,
    seeds: Annotated[str, typer.Option(help="Separated by commas; those that the folder has.")] = "0,1",
    only: Annotated[
        str, typer.Option(help=f"Besides 'as it ships', separated by commas, of: {', '.join(list(KNOWN)[1:])}.")
    ] = ",".join(list(KNOWN)[1:]),
    json_path: JsonPath = None,
) -> None:
    """Trains on the same votes and curated pairs without one part at a time, and ranks the held-out questions.

    The problems are those that `python -m benchmarks.quality --runs DIR` kept. What is done is kept there too, so that
    a killed benchmark goes on. The gate has no say here: what is shown is what would have been trained.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    names = ["as it ships", *(name.strip() for name in only.split(",") if name.strip())]
    if unknown := [name for name in names if name not in KNOWN]:
        raise typer.BadParameter(f"there is no part {unknown[0]!r}")
    numbers = seeds_of(seeds)
    variants = {name: (honest, KNOWN[name]) for name in names}
    try:
        learnt = learn_seeds(runs, numbers, variants)
        ids = {seed: question_ids_of(runs, seed) for seed in numbers}
    except NightshiftError as error:
        err.print(f"benchmarks.ablation: {error}", style="red")
        raise typer.Exit(error.exit_code) from None
    summary = summarise(*data_of(runs), learnt, ids)
    PAGE.show(out, summary)
    keep(summary, json_path)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
