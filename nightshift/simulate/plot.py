"""A simulation as a picture: what each night was worth, how far up the right documents came, and what people got."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nightshift.simulate.held_out import NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nightshift.simulate.dataset import DataSet
    from nightshift.simulate.outcome import Outcome

GREY, BLUE, ORANGE = "#8a8f98", "#0072b2", "#d55e00"  # told apart by the colour-blind too (Okabe and Ito)

_DEPTH = 10


def draw_outcome(path: Path, dataset: DataSet, outcome: Outcome) -> None:
    """Writes the picture as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14, 4), layout="constrained", dpi=160)
    left, middle, right = figure.subplots(1, 3)
    _draw_nights(left, outcome)
    _draw_ranks(middle, outcome)
    _draw_answers(right, outcome)
    figure.suptitle(
        f"{dataset.name}: {outcome.nights[-1].votes} simulated votes, {len(outcome.parts.held_out)} held-out questions",
        fontsize=12,
    )
    figure.savefig(path)


def _draw_nights(axes: Axes, outcome: Outcome) -> None:
    """ndcg@10 of what serves, from before the first night to after the last; candidates beside it."""
    votes, scores = zip(*outcome.served(), strict=True)
    served = [scored.means()["ndcg@10"] for scored in scores]
    axes.plot(votes, served, color=BLUE, marker="o", linewidth=2, label="serving")
    if rankings := [own for night in outcome.nights for own in night.rankings]:
        values = [own.after.means()["ndcg@10"] for own in rankings]
        at = [own.votes for own in rankings]
        axes.scatter(at, values, color="white", edgecolor=BLUE, zorder=3, label="ranking run")
        axes.legend(frameon=False)
    for count, value, last in zip(votes, served, [None, *served], strict=False):
        if value != last:
            axes.annotate(f"{value:.3f}", (count, value), textcoords="offset points", xytext=(0, 8), ha="center")
    refused = [night for night in outcome.nights if night.run.decision != "promoted" and night.candidate]
    if refused:
        values = [night.candidate.means()["ndcg@10"] for night in refused if night.candidate]
        axes.scatter([night.votes for night in refused], values, color=ORANGE, marker="x", label="refused candidate")
        axes.legend(frameon=False)
    axes.margins(x=0.12, y=0.25)
    axes.set_xlabel("votes so far")
    axes.set_ylabel("ndcg@10 on held-out questions")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_ranks(axes: Axes, outcome: Outcome) -> None:
    """The share of questions whose right document is among the first k."""
    ranks = np.arange(1, _DEPTH + 1)
    for name, scored, colour in (("before", outcome.before, GREY), ("after", outcome.nights[-1].after, BLUE)):
        shares = [float(((scored.first > 0) & (scored.first <= rank)).mean()) for rank in ranks]
        axes.plot(ranks, shares, color=colour, marker="o", markersize=4, linewidth=2, label=name)
    axes.set_xticks(ranks)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel("among the first … documents")
    axes.set_ylabel("questions with a right document")
    axes.legend(frameon=False, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_answers(axes: Axes, outcome: Outcome) -> None:
    """The share of questions by what people get."""
    measures = [measure for measure in NAMES if measure in outcome.before.answers]
    rows, height = np.arange(len(measures)), 0.36
    for place, (name, scored, colour) in enumerate(
        (("before", outcome.before, GREY), ("after", outcome.nights[-1].after, BLUE))
    ):
        means = scored.means()
        bars = axes.barh(rows + (place - 0.5) * height, [means[m] for m in measures], height, color=colour, label=name)
        axes.bar_label(bars, fmt=lambda value: f"{value:.0%}", padding=3, fontsize=9)
    axes.set_yticks(rows, [NAMES[measure] for measure in measures])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel("of the questions that it applies to")
    axes.legend(frameon=False, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
