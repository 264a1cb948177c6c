"""A simulation's outcome in the terminal: figures before and after, what was decided, and examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from nightshift.simulate.held_out import NAMES
from nightshift.simulate.score import MEASURES, Scored

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from nightshift.simulate.dataset import DataSet
    from nightshift.simulate.outcome import Outcome

EXAMPLES = 5
_BAR = 40


def show_outcome(console: Console, dataset: DataSet, outcome: Outcome, runs: Path | None) -> None:
    """A table, a bar for each figure, the decision with its reasons, and the questions that gained most."""
    last = outcome.nights[-1]
    console.print()
    console.print(
        f"{escape(dataset.name)}: {last.votes} votes by simulated people, {len(outcome.parts.golden)} curated pairs; "
        f"judged on {len(outcome.parts.held_out)} questions that never came near the store"
        + (f", and on {outcome.unanswerable} that no document answers." if outcome.unanswerable else "."),
        soft_wrap=False,
    )
    sides = {"before": outcome.before, "candidate": last.candidate, "after": last.after}
    console.print()
    there = {name: scored for name, scored in sides.items() if scored is not None}
    console.print(_table(there))
    console.print()
    console.print(_answers_table(there))
    console.print()
    for name, scored in (("before", outcome.before), ("after", last.after)):
        value = scored.means()["ndcg@10"]
        console.print(Text(f"  {name:<7}", style="dim") + Text("█" * round(_BAR * value)) + Text(f" {value:.3f}"))
    for number, night in enumerate(outcome.nights, start=1):
        console.print()
        style = "bold green" if night.run.decision == "promoted" else "bold yellow"
        console.print(Text(f"Night {number}, {night.votes} votes: {night.run.decision}", style=style))
        for reason in night.run.reasons:
            console.print(Text(f"  {reason}"), soft_wrap=False)
    _show_examples(console, dataset, outcome.before, last.candidate or last.after, last.run.decision == "promoted")
    if runs is not None:
        console.print(f"\nA plot and the rankings, for trec_eval: {escape(str(runs))}", style="dim")


def _table(sides: Mapping[str, Scored]) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=True)
    table.add_column("")
    for measure in MEASURES:
        table.add_column(measure, justify="right")
    base = sides["before"].means()
    for name, scored in sides.items():
        figures = scored.means()
        cells = [
            f"{figures[m]:.3f}" + ("" if name == "before" else f"  {100 * (figures[m] / (base[m] or 1) - 1):+.0f}%")
            for m in MEASURES
        ]
        table.add_row(name, *cells)
    return table


def _answers_table(sides: Mapping[str, Scored]) -> Table:
    """What people would get; of questions that the measure applies to."""
    table = Table(box=None, header_style="dim", pad_edge=True)
    table.add_column("")
    measures = list(sides["before"].answers)
    for measure in measures:
        table.add_column(NAMES[measure], justify="right")
    for name, scored in sides.items():
        figures = scored.means()
        table.add_row(name, *(f"{figures[measure]:.1%}" for measure in measures))
    return table


def _show_examples(console: Console, dataset: DataSet, before: Scored, after: Scored, promoted: bool) -> None:
    """The held-out questions whose right document rose most, by rank."""
    ranks = [scored.first for scored in (before, after)]
    was_worth, is_worth = (np.divide(1.0, rank, out=np.zeros(len(rank)), where=rank > 0) for rank in ranks)
    gains = is_worth - was_worth
    best = [int(row) for row in np.argsort(-gains, kind="stable")[:EXAMPLES] if gains[row] > 0]
    if not best:
        return
    where = "stands" if promoted else "would stand, had the candidate been promoted"
    console.print(f"\nQuestions that nobody had asked, and where the right document {where}:")
    for row in best:
        was, now = (_rank_name(int(rank[row])) for rank in ranks)
        console.print(
            Text(f"  {was:>10} → {now:<4} ", style="bold") + Text(dataset.questions[before.question_ids[row]])
        )
    console.print(f"  {int((gains > 0).sum())} of them rose, {int((gains < 0).sum())} fell.", style="dim")


def _rank_name(rank: int) -> str:
    return f"{rank}." if rank else "not found"
