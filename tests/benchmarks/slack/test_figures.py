"""Waits as figures, and both bots' side by side."""

from __future__ import annotations

from rich.console import Console

from benchmarks.slack.figures import show_table, summarise
from benchmarks.slack.load import Waits


def waits(longest: float) -> Waits:
    seconds = [longest * part / 100 for part in range(101)]
    return Waits(question_ack=seconds, press_ack=seconds, first_text=seconds, whole_answer=seconds)


def test_percentiles() -> None:
    assert summarise(waits(1.0))["first_text"] == {"p50": 0.5, "p95": 0.95, "max": 1.0}


def test_a_row_for_each_wait_with_the_ratio_of_the_longest() -> None:
    console = Console(width=140)
    with console.capture() as captured:
        console.print(show_table({8: summarise(waits(1.0))}, {8: summarise(waits(30.0))}))
    [row] = [line for line in captured.get().splitlines() if "press ack" in line]
    assert [cell.strip() for cell in row.strip("│┃ ").split("│")] == [
        "8",
        "press ack",
        "0.50 / 0.95 / 1.00",
        "15.00 / 28.50 / 30.00",
        "30.0",
    ]
