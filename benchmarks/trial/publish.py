"""What simulated trials show, at a terminal and in docs (`make docs`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.pages import made_by
from benchmarks.trial.page import INTRODUCTION, TABLES, TRIED
from retrain.night import MOST_ALPHA

RESULTS = Path(__file__).with_name("results")

HEAD = (
    "What is planted",
    "gain",
    "promoted",
    "dropped",
    "… before 200",
    "undecided",
    "questions",
    "asked",
    "contested",
    "won",
    "even",
)


def render_page(results: Sequence[Mapping[str, Any]]) -> str:
    """The page: how a trial decides, then the simulated ones."""
    return INTRODUCTION + TABLES + "\n".join(_section(result) for result in results) + TRIED


def _section(result: Mapping[str, Any]) -> str:
    first = result["plants"][0]
    alphas = [own["alpha"] for own in first["alphas"]]
    return f"""### {result["data"]}: {result["known"]:,} questions, {first["trials"]:,} trials of each kind

{made_by(result)}
{_markdown(HEAD, rows_of(result))}
Promoted with another alpha; the ledger may leave less than the most:

{_markdown(("What is planted", *(f"alpha {alpha}" for alpha in alphas)), rows_by_alpha(result))}"""


def rows_of(result: Mapping[str, Any]) -> list[list[str]]:
    """Of each that is planted, what came of it at the most alpha that a trial may have."""
    return [_row(plant, own) for plant in result["plants"] for own in plant["alphas"] if own["alpha"] == MOST_ALPHA]


def _row(plant: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    return [
        plant["name"],
        f"{plant['gain']:+.3f}",
        *(share(own[name], plant["trials"]) for name in ("promoted", "dropped", "dropped_soon")),
        f"{own['undecided'] / plant['trials']:.1%}",
        f"{own['mean_questions']:.0f}",
        f"{own['mean_asked']:.0f}",
        *(f"{own[name]:.0%}" for name in ("coverage", "won", "even")),
    ]


def rows_by_alpha(result: Mapping[str, Any]) -> list[list[str]]:
    """Of each that is planted, how often it is promoted at each alpha."""
    return [
        [plant["name"], *(share(own["promoted"], plant["trials"]) for own in plant["alphas"])]
        for plant in result["plants"]
    ]


def share(count: int, of: int) -> str:
    """With Wilson's 95% interval."""
    from scipy.stats import binomtest

    low, high = binomtest(count, of).proportion_ci(method="wilson")
    return f"{count / of:.1%} [{low:.1%} … {high:.1%}]"


def show(console: Console, summary: Mapping[str, Any]) -> None:
    """The same figures at a terminal."""
    for head, rows in ((HEAD, rows_of(summary)), (_heads_by_alpha(summary), rows_by_alpha(summary))):
        table = Table(*head)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def _heads_by_alpha(result: Mapping[str, Any]) -> tuple[str, ...]:
    return ("What is planted", *(f"alpha {own['alpha']}" for own in result["plants"][0]["alphas"]))


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"| --- |{' ---: |' * (len(head) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"
