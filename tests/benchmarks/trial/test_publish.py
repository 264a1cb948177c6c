"""The table says how often what ended how, with intervals."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from benchmarks.trial.__main__ import summarise
from benchmarks.trial.publish import render_page, rows_by_alpha, rows_of, share, show
from benchmarks.trial.trials import Seen
from retrain.court import Look
from retrain.court.trial import TrialDecision
from retrain.night import MOST_ALPHA


def seen(decision: TrialDecision, questions: int, won: int, lost: int) -> Seen:
    return Seen(
        Look(questions, won, lost, 0, 1.0, 0.0, 0.0, 1.0, decision), questions * 2, questions * 10, questions * 5
    )


ENDS = [seen("promoted", 100, 30, 10), seen("dropped", 180, 10, 30), seen("dropped", 220, 10, 30)]
FIGURES = summarise(ENDS)
RESULT = {
    "data": "faq",
    "known": 1234,
    "questions": 400,
    "code": "abc",
    "plants": [
        {
            "name": "equally good",
            "kind": "no better",
            "gain": 0.05,
            "trials": 3,
            "alphas": [{"alpha": 0.025, **FIGURES, "promoted": 3}, {"alpha": MOST_ALPHA, **FIGURES}],
        }
    ],
}


def test_trials_are_counted_by_how_they_ended() -> None:
    assert (FIGURES["promoted"], FIGURES["dropped"], FIGURES["undecided"], FIGURES["dropped_soon"]) == (1, 2, 0, 1)
    assert FIGURES["mean_questions"] == 500 / 3 and FIGURES["mean_asked"] == 1000 / 3
    assert FIGURES["coverage"] == 0.5
    assert FIGURES["won"] == 50 / 120 and FIGURES["even"] == 1 - 120 / 500


def test_a_share_has_wilsons_interval() -> None:
    assert share(50, 2000) == "2.5% [1.9% … 3.3%]"
    assert share(0, 2000) == "0.0% [0.0% … 0.2%]"


def test_page_and_terminal_show_the_same_figures() -> None:
    console = Console(file=StringIO(), width=250)
    show(console, RESULT)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    page = render_page([RESULT])
    cells = [cell for row in (*rows_of(RESULT), *rows_by_alpha(RESULT)) for cell in row]
    assert [row[2] for row in rows_of(RESULT)] == [share(1, 3)], "at the alpha that a trial may have"
    assert all(cell in page and cell in shown for cell in cells)
    assert "Made by the code of abc." in page and "1,234 questions, 3 trials of each kind" in page
