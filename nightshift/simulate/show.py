"""A simulation's outcome in the terminal: figures before and after, what was decided, and examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    from db.nights import Run
    from nightshift.simulate.dataset import DataSet
    from nightshift.simulate.outcome import Outcome, SimulatedTrial

EXAMPLES = 5
REPEATS = "repeats"
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
    console.print(_table(there, outcome.repeats))
    if outcome.repeats:
        console.print(f"  repeats: ndcg@10 of {len(outcome.repeats)} questions that were asked before in other words")
    console.print()
    console.print(_answers_table(there))
    console.print()
    for name, scored in (("before", outcome.before), ("after", last.after)):
        value = scored.means()["ndcg@10"]
        console.print(Text(f"  {name:<7}", style="dim") + Text("█" * round(_BAR * value)) + Text(f" {value:.3f}"))
    for number, night in enumerate(outcome.nights, start=1):
        for ranking in night.rankings:
            _show_run(console, f"Ranking run, {ranking.votes} votes", ranking.run, ranking.after)
        _show_run(console, f"Night {number}, {night.votes} votes", night.run, night.after)
        if night.trial:
            _show_trial(console, night.trial)
    _show_examples(console, dataset, outcome.before, last.candidate or last.after, last.run.decision == "promoted")
    if runs is not None:
        console.print(f"\nA plot and the rankings, for trec_eval: {escape(str(runs))}", style="dim")


def _show_run(console: Console, name: str, run: Run, after: Scored) -> None:
    """What was decided and why; what serves then."""
    style = "bold green" if run.decision == "promoted" else "bold yellow"
    serves = f"  serves with ndcg@10 {after.means()['ndcg@10']:.3f}"
    console.print()
    console.print(Text(f"{name}: {run.decision}", style=style) + Text(serves, style="dim"))
    for reason in run.reasons:
        console.print(Text(f"  {reason}"), soft_wrap=False)


def _show_trial(console: Console, held: SimulatedTrial) -> None:
    """How often it was looked at, and what was seen last."""
    known = held.trial
    style = "bold green" if known.status == "promoted" else "bold yellow"
    console.print(Text(f"Trial of generation {known.candidate_id}: {known.status}", style=style))
    shown = f"{held.contested} of {held.slots} sources of {held.questions} questions were one side's own pick"
    console.print(Text(f"  {known.reason} {shown}; it was looked at {len(known.looks)} times."), soft_wrap=False)


def _table(sides: Mapping[str, Scored], repeats: Sequence[str]) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=True)
    table.add_column("")
    for measure in MEASURES:
        table.add_column(measure, justify="right")
    if repeats:
        table.add_column(REPEATS, justify="right")

    def figures_of(scored: Scored) -> dict[str, float]:
        means = scored.means()
        own = {measure: means[measure] for measure in MEASURES}
        return own | ({REPEATS: scored.mean_of_repeats(repeats)} if repeats else {})

    base = figures_of(sides["before"])
    for name, scored in sides.items():
        cells = [
            f"{value:.3f}" + ("" if name == "before" else f"  {100 * (value / (base[measure] or 1) - 1):+.0f}%")
            for measure, value in figures_of(scored).items()
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
