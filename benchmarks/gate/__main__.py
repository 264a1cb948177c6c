"""`python -m benchmarks.gate`: how often a year of nights that learnt nothing ends in a promotion, and what is seen."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from benchmarks.console import JsonPath, err, keep, numbers_in, out
from benchmarks.gate.draws import power_of_nights
from benchmarks.gate.publish import show
from benchmarks.gate.years import Candidates, Company, first_night, gain_in_ndcg, promoted_in_a_year, runs_of_a_year
from nightshift.terminal.progress import night_progress
from retrain.night import OnProgress

LEARNT = 0.54
"""By how much a night halves ranks that learnt something: +.1 in ndcg@10."""

THIRD_MONTH, LAST_MONTH = 60.0, 335.0


def main(
    years: Annotated[int, typer.Option(min=1, help="In which there is nothing to learn.")] = 2000,
    others: Annotated[
        int,
        typer.Option(min=1, help="Of each other kind: the worst case, and those whose one night learnt something."),
    ] = 500,
    runs: Annotated[
        Optional[Path],  # noqa: UP045 - Typer shows it so
        typer.Option(
            exists=True, file_okay=False, help="A kept `benchmarks.quality --runs`: golden questions are drawn."
        ),
    ] = None,
    seeds: Annotated[str, typer.Option(help="Of those runs, separated by commas.")] = "0,1,2",
    json_path: JsonPath = None,
) -> None:
    """Simulates years, each decided run by run by the gate itself with its ledger of error."""
    plans: list[tuple[Company, Candidates, float | None, int]] = [
        (Company(), "alike", None, years),
        (Company(), "anew", None, others),
        *((Company(voted=voted), "alike", day, others) for day in (THIRD_MONTH, LAST_MONTH) for voted in (30, 0)),
    ]
    with ProcessPoolExecutor(os.cpu_count()) as pool, night_progress(err) as on_progress:
        told = [_simulate(pool, on_progress, *plan) for plan in plans]
    summary = {"years": told, "nights": power_of_nights(runs, numbers_in("seeds", seeds)) if runs is not None else []}
    show(out, summary)
    keep(summary, json_path)


def _simulate(
    pool: ProcessPoolExecutor,
    on_progress: OnProgress,
    company: Company,
    candidates: Candidates,
    learns_on: float | None,
    years: int,
) -> dict[str, Any]:
    attempts = runs_of_a_year(company)
    learns = first_night(company, learns_on) if learns_on is not None else None
    year = partial(promoted_in_a_year, company, candidates, learnt=LEARNT, learns=learns)
    promoted = []
    for own in pool.map(year, range(years), chunksize=5):
        promoted.append(own)
        on_progress("years", len(promoted), years)
    gain, deviation = gain_in_ndcg(company, LEARNT)
    return {
        "candidates": candidates,
        "golden": company.golden,
        "voted": company.voted,
        "tries": len(attempts) if learns is None else learns + 1,
        "learns_on": None if learns is None else round(attempts[learns].day),
        "gain": gain,
        "deviation": deviation,
        "years": years,
        "by_luck": sum(own not in (None, learns) for own in promoted),
        "seen": None if learns is None else promoted.count(learns),
    }


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
