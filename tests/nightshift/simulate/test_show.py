"""What is told of a simulation, in the terminal and as a picture, whatever its runs came to."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from rich.console import Console

from nightshift.simulate import run
from nightshift.simulate.dataset import DataSet
from nightshift.simulate.outcome import Outcome, Plan, SimulatedNight, SimulatedRanking
from nightshift.simulate.parts import Parts
from nightshift.simulate.plot import _draw_nights
from nightshift.simulate.run import run_simulation
from nightshift.simulate.score import Scored
from nightshift.simulate.show import show_outcome
from tests.night_rows import make_ranking_run, make_run

QUESTIONS = {"q0": "Where do I park?", "q1": "Who has the keys?", "q2": "When is lunch?", "q3": "What is a badge?"}
DATASET = DataSet("tiny", (), QUESTIONS, {own: {"d0": 1.0} for own in QUESTIONS})


def scored(*first: int) -> Scored:
    """Of the four questions, whose right documents stand at these ranks; 0 is nowhere."""
    ranks = np.array(first)
    worth = np.divide(1.0, ranks, out=np.zeros(len(ranks)), where=ranks > 0)
    measured = dict.fromkeys(("ndcg@10", "mrr@10", "recall@10"), worth)
    return Scored(tuple(QUESTIONS), ("d0",), np.zeros((len(ranks), 10), dtype=int), ranks, measured)


BEFORE, BETTER = scored(2, 0, 1, 1), scored(1, 3, 2, 1)


def outcome(night: SimulatedNight, before: Scored = BEFORE) -> Outcome:
    return Outcome(Plan(votes=40, seed=0), Parts(tuple(QUESTIONS), (), ("q9",)), before, (night,), {})


REFUSED = SimulatedNight(40, make_run(decision="refused"), BETTER, "0" * 64, BEFORE)
PROMOTED = SimulatedNight(40, make_run(), BETTER, "0" * 64, BETTER)


def told(night: SimulatedNight) -> str:
    console = Console(width=120, file=StringIO())
    show_outcome(console, DATASET, outcome(night), None)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("night", "where"), [(PROMOTED, "stands:"), (REFUSED, "would stand, had the candidate been promoted:")]
)
def test_the_questions_that_rose_most_are_shown_the_best_first(night: SimulatedNight, where: str) -> None:
    _, _, examples = told(night).partition(f"where the right document {where}\n")
    assert examples.splitlines() == [
        "          2. → 1.   Where do I park?",
        "   not found → 3.   Who has the keys?",
        "  2 of them rose, 1 fell.",
    ]


def test_where_none_rose_none_is_shown() -> None:
    assert "had asked" not in told(replace(REFUSED, candidate=scored(2, 0, 1, 2)))


def marks(night: SimulatedNight) -> dict[str, Any]:
    """Where a picture has points besides the line of what serves, by what they are called."""
    axes = Figure().subplots()
    _draw_nights(axes, outcome(night))
    return {str(own.get_label()): np.asarray(own.get_offsets()).tolist() for own in axes.collections}


def test_ranking_runs_and_what_was_refused_stand_in_the_picture_beside_what_serves() -> None:
    assert marks(PROMOTED) == {}
    ranking = SimulatedRanking(30, make_ranking_run(), scored(1, 1, 1, 1))
    assert marks(replace(REFUSED, rankings=(ranking,))) == {
        "ranking run": [[30.0, 1.0]],
        "refused candidate": [[40.0, pytest.approx(BETTER.means()["ndcg@10"])]],
    }


@pytest.mark.parametrize(("wanted", "said"), [(40, ""), (60, "There were no more than 40 votes to be had of 60.\n")])
def test_fewer_votes_than_were_asked_for_are_told(monkeypatch: pytest.MonkeyPatch, wanted: int, said: str) -> None:
    async def simulated(*_: object) -> Outcome:
        return outcome(REFUSED)

    monkeypatch.setattr(run, "sample_dataset", lambda: DATASET)
    monkeypatch.setattr(run, "simulate", simulated)
    err = Console(width=120, file=StringIO())
    assert run_simulation(None, Plan(votes=wanted, seed=0), None, out=None, err=err).nights == (REFUSED,)
    assert err.file.getvalue().lstrip("\n") == said  # type: ignore[attr-defined]
