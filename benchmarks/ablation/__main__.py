"""`python -m benchmarks.ablation`: what each part of the night's training, and of its fit of a ranking, is worth."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated, Any

import typer

from benchmarks.ablation.fits import FITS, TRIED_FITS
from benchmarks.ablation.parts import PARTS, TRIED
from benchmarks.ablation.publish import PAGE, summarise
from benchmarks.console import JsonPath, KeptRuns, err, keep, numbers_in, out
from benchmarks.liars.crowd import honest
from benchmarks.quality.learnt import data_of, learn_seeds, question_ids_of
from db.errors import NightshiftError


class Of(StrEnum):
    """What is taken apart."""

    ENCODER = "encoder"
    RANKING = "ranking"


KNOWN: dict[Of, dict[str, Any]] = {Of.ENCODER: PARTS | TRIED, Of.RANKING: FITS | TRIED_FITS}


def main(
    runs: KeptRuns,
    of: Annotated[Of, typer.Option(help="A training takes minutes, a fit seconds.")] = Of.ENCODER,
    seeds: Annotated[str, typer.Option(help="Separated by commas; those that the folder has.")] = "0,1",
    only: Annotated[str, typer.Option(help="Besides 'as it ships', names of parts, separated by commas.")] = "",
    json_path: JsonPath = None,
) -> None:
    """Learns from the same votes and curated pairs without one part at a time, and ranks the held-out questions.

    The problems are those that `python -m benchmarks.quality --runs DIR` kept. What is done is kept there too, so that
    a killed benchmark goes on. The gate has no say here: what is shown is what would have been learnt.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    known = KNOWN[of]
    wanted = [name.strip() for name in only.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in known]:
        raise typer.BadParameter(f"there is no part {unknown[0]!r}, but {', '.join(list(known)[1:])}")
    names = dict.fromkeys(["as it ships", *(wanted or known)])
    numbers = numbers_in("seeds", seeds)
    variants = {name: (honest, known[name]) for name in names}
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
