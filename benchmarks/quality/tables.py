"""Cells become figures: means with their spread over the seeds, slices, and p against the best peer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table
from rich.text import Text

from benchmarks.quality.cells import STEPS, Cell
from benchmarks.quality.figures import p_vs
from retrain.measures import p_in_words

if TYPE_CHECKING:
    from rich.console import Console

MEASURE = "ndcg@10"

MORE_COLUMNS = {
    "mrr@10": "mrr@10",
    "recall@10": "recall@10",
    "right": "right",
    "wrongly_silent": "wrongly silent",
    "wrongly_talkative": "wrongly talkative",
    "quoted": "quoted",
    "voted": "voted",
    "never_voted": "never voted",
    "repeats": "repeats",
    "regression": "regression",
}
"""What is told beside `MEASURE`, and what it is called; shares of answers only of what answers, for peers only rank."""


AGAINST = {
    "fitted": "p_fitted_vs_best_peer",
    "candidate": "p_vs_best_peer",
    "nightshift": "p_serves_vs_best_peer",
}
"""What of ours is held against the best peer, and what its p is called."""


def summarise(data: str, votes: int, cells: Sequence[Cell]) -> dict[str, Any]:
    """All figures as JSON holds them.

    Each p of `AGAINST` is one-sided, pooled over seeds.

    `cast` has each seed's votes: fewer than were wanted where all questions have been asked.
    """
    names = list(dict.fromkeys(cell.learner for cell in cells))
    by_name = {name: [cell for cell in cells if cell.learner == name] for name in names}
    summary: dict[str, Any] = {
        "data": data,
        "votes": votes,
        "cast": [cell.facts["votes"] for cell in by_name.get("nightshift", [])],
        "seeds": sorted({cell.seed for cell in cells}),
        "learners": {name: _figures(own) for name, own in by_name.items()},
        "best_peer": None,
        **dict.fromkeys(AGAINST.values()),
    }
    if peers := [name for name in names if name not in STEPS]:
        best = max(peers, key=lambda name: float(summary["learners"][name][MEASURE]["mean"]))
        for name, key in AGAINST.items():
            if name in by_name:
                summary["best_peer"] = best
                summary[key] = _p_between(by_name[name], by_name[best])
    return summary


def _p_between(ours: Sequence[Cell], theirs: Sequence[Cell]) -> float:
    ids = [question_id for cell in ours for question_id in cell.question_ids]
    return p_vs(ids, _pooled(ours), _pooled(theirs))


def show_table(console: Console, summary: dict[str, Any]) -> None:
    """One line a learner."""
    title = Text(f"{summary['data']}, {summary['votes']} votes, held-out questions")
    table = Table(box=None, header_style="dim", title=title)
    for column in ("", MEASURE, "each seed", *MORE_COLUMNS.values(), "s"):
        table.add_column(column, justify="left" if column in ("", "each seed") else "right")
    for name, figures in summary["learners"].items():
        decisions = figures.get("decisions")
        main = figures[MEASURE]
        table.add_row(
            name,
            f"{main['mean']:.3f} ± {main['std']:.3f}",
            " ".join(f"{value:.3f}" for value in main["per_seed"])
            + (f"  ({', '.join(decisions)})" if decisions else ""),
            *(mean_in_words(figures.get(key)) for key in MORE_COLUMNS),
            f"{figures['seconds']:.0f}",
        )
    console.print(table)
    for name, key in AGAINST.items():
        if summary[key] is not None:
            console.print(f"{name} against the best peer, {summary['best_peer']}: {p_in_words(summary[key])}")


def _figures(cells: Sequence[Cell]) -> dict[str, Any]:
    figures: dict[str, Any] = {
        name: _spread([float(cell.measured[name].mean()) for cell in cells]) for name in cells[0].measured
    }
    figures |= {name: _spread([cell.answers[name] for cell in cells]) for name in cells[0].answers}
    for name in cells[0].slices:
        values = [cell.measured[MEASURE][cell.slices[name]] for cell in cells]
        figures[name] = _spread([float(own.mean()) for own in values if len(own)])
    for name in ("repeats", "regression"):
        figures[name] = _spread([cell.facts[name] for cell in cells if cell.facts.get(name) is not None])
    figures["seconds"] = float(np.mean([cell.seconds for cell in cells]))
    if decisions := [cell.facts["decision"] for cell in cells if "decision" in cell.facts]:
        figures["decisions"] = decisions
    return figures


def _spread(values: Sequence[float]) -> dict[str, Any]:
    if not values:
        return {"mean": None, "std": None, "per_seed": []}
    std = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return {"mean": float(np.mean(values)), "std": std, "per_seed": [float(value) for value in values]}


def mean_in_words(spread: Mapping[str, Any] | None) -> str:
    """With three places; a dash where nothing was measured."""
    return "—" if spread is None or spread["mean"] is None else f"{spread['mean']:.3f}"


def _pooled(cells: Sequence[Cell]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.concatenate([cell.measured[MEASURE] for cell in cells])
