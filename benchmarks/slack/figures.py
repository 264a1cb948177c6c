"""Waits as figures: the median, what one in twenty waits longer than, and the longest, side by side with a ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

if TYPE_CHECKING:
    from benchmarks.slack.load import Waits

Figures = dict[str, dict[str, float]]
"""{what was waited for: {"p50": seconds, "p95": …, "max": …}}"""

_NAMES = {
    "question_ack": "question ack",
    "press_ack": "press ack",
    "first_text": "first text",
    "whole_answer": "whole answer",
}


def summarise(waits: Waits) -> Figures:
    """Percentiles in seconds, interpolated."""
    return {
        name: {"p50": _percentile(seconds, 50), "p95": _percentile(seconds, 95), "max": _percentile(seconds, 100)}
        for name, seconds in asdict(waits).items()
    }


def show_table(ours: Mapping[int, Figures], peer: Mapping[int, Figures]) -> Table:
    """A row for each number of people and each thing they wait for; the ratio compares the longest waits."""
    table = Table(title="Seconds: p50 / p95 / max; the ratio is the sync App's longest wait to ours")
    for column in ("at once", "waiting for", "Nightshift", "sync App", "ratio of max"):
        table.add_column(column, justify="right", no_wrap=True)
    for people in sorted(ours):
        for name, label in _NAMES.items():
            mine, theirs = ours[people][name], peer[people][name]
            ratio = theirs["max"] / mine["max"] if mine["max"] else float("inf")
            table.add_row(str(people), label, _show(mine), _show(theirs), f"{ratio:.1f}")
    return table


def _percentile(seconds: Sequence[float], percent: float) -> float:
    return round(float(np.percentile(seconds, percent)), 4)


def _show(figures: Mapping[str, float]) -> str:
    return " / ".join(f"{value:.2f}" for value in figures.values())
