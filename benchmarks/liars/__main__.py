"""`python -m benchmarks.liars`: what liars cost a night, with its defences and without."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated, Any

import typer

from benchmarks.console import JsonPath, KeptRuns, err, keep, numbers_in, out
from benchmarks.liars.crowd import CROWDS
from benchmarks.liars.publish import PAGE, summarise
from benchmarks.quality.arrays import Parts
from benchmarks.quality.fitted import FitParts
from benchmarks.quality.learnt import data_of, learn_seeds
from db.errors import NightshiftError
from retrain.lesson import LabelRules

_NONE = LabelRules(person_share=1.0, chunk_share=1.0, min_agreement=0.01, min_reliability=0.0)
"""No defence at all."""


class Of(StrEnum):
    """What liars are let loose on."""

    ENCODER = "encoder"
    RANKING = "ranking"


SIDES: dict[Of, dict[str, Any]] = {
    Of.ENCODER: {"defended": Parts(), "undefended": Parts(_NONE)},
    Of.RANKING: {"defended": FitParts(), "undefended": FitParts(_NONE)},
}


def main(
    runs: KeptRuns,
    of: Annotated[Of, typer.Option(help="A training takes minutes, a fit seconds.")] = Of.ENCODER,
    seeds: Annotated[str, typer.Option(help="Separated by commas; those that the folder has.")] = "0",
    json_path: JsonPath = None,
) -> None:
    """Learns from each crowd's votes with the night's defences and without, and ranks the held-out questions.

    The problems are those that `python -m benchmarks.quality --runs DIR` kept. What is done is kept there too, so that
    a killed benchmark goes on. The gate has no say here: what is shown is what would have been learnt.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    numbers = numbers_in("seeds", seeds)
    variants = {
        f"{crowd}, {side}": (vote, parts) for crowd, vote in CROWDS.items() for side, parts in SIDES[of].items()
    }
    try:
        learnt = learn_seeds(runs, numbers, variants)
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
