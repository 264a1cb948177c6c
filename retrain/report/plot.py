"""A night as a picture: before and after by slice, and what training did to the loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from db.nights import Run
from retrain.court import SLICES, n_in_words
from retrain.measures import interval_95

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, which people of every colour vision tell apart
_INK, _MUTED, _FAINT = "#1f2933", "#616e7c", "#e4e7eb"
_BEFORE, _AFTER = "#b8c0c8", "#0072b2"

_SIZE_INCHES, _DPI = (11.0, 4.4), 180


@dataclass(frozen=True, slots=True)
class Bar:
    """Mean ndcg@10 of n questions, before and after; `low` and `high` bound the mean gain with 95%."""

    name: str
    n: str
    before: float
    after: float
    low: float
    high: float


def plot_night(run: Run) -> bytes:
    """The picture as a PNG; a part of a night that there was none of is said to be missing."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout="constrained", facecolor="white")
    is_night = run.kind == "night"
    left, *right = figure.subplots(1, 1 + is_night, squeeze=False, width_ratios=(1.25, 1) if is_night else None)[0]
    if bars := bars_of(run.evidence or {}):
        _draw_bars(left, bars)
    else:
        _say(left, "Before and after", "nothing was compared")
    for axes in right:
        if curve_in(run):
            _draw_curve(axes, run.phases["train"])
        else:
            _say(axes, "Learning curve", "no training was recorded")
    picture = BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()


def curve_in(run: Run) -> list[float]:
    """The learning curve, if one was recorded."""
    losses: list[float] = run.phases.get("train", {}).get("losses", [])
    return losses


def bars_of(evidence: Mapping[str, Any]) -> list[Bar]:
    """All golden questions, their slices, and the regression set: those that were measured."""
    measured = {
        "all golden questions": evidence.get("golden"),
        **{
            SLICES.get(name, name): figures
            for name, figures in sorted(evidence.get("slices", {}).items(), reverse=True)
        },
        "regression set": evidence.get("regression"),
    }
    return [
        Bar(
            name,
            n_in_words(figures),
            figures["before"],
            figures["after"],
            *interval_95(figures["gain"], figures["error"], figures["n"]),
        )
        for name, figures in measured.items()
        if figures and "error" in figures
    ]


def _draw_bars(axes: Axes, bars: list[Bar]) -> None:
    _frame(axes, "Before and after")
    height, room = 0.36, 0.6 if len(bars) > 1 else 1.2  # one slice alone is no wall of colour
    width = max(max(bar.after, bar.before, bar.before + bar.high) for bar in bars) + 0.15
    for row, bar in enumerate(bars):
        axes.barh(row - height / 2, bar.before, height, color=_BEFORE, label="before" if row == 0 else None)
        axes.barh(row + height / 2, bar.after, height, color=_AFTER, label="after" if row == 0 else None)
        ends = [[bar.after - (bar.before + bar.low)], [bar.before + bar.high - bar.after]]
        axes.errorbar(
            bar.after,
            row + height / 2,
            xerr=ends,
            fmt="none",
            ecolor=_INK,
            elinewidth=1.3,
            capsize=3.5,
            label="95% interval" if row == 0 else None,
        )
        for value, side in ((bar.before, -1), (bar.after, 1)):
            colour = "white" if side > 0 and value > width / 8 else _INK  # on the bar, if it is long enough
            axes.text(0.01, row + side * height / 2, f"{value:.3f}", va="center", color=colour, size=9)
        end, gain = max(bar.before, bar.after, bar.before + bar.high), f"{bar.after - bar.before:+.3f}"
        axes.text(end + 0.02, row, gain.replace("-", "−"), va="center", color=_INK, weight="bold", size=11)
    axes.set_yticks(range(len(bars)), [f"{bar.name}\nn = {bar.n}" for bar in bars])
    axes.set_ylim(len(bars) - 1 + room, -room)  # the first on top
    axes.set_xlim(0, width)
    axes.set_xlabel("mean ndcg@10")
    axes.grid(axis="x", color=_FAINT)
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        borderaxespad=0.2,
        ncols=3,
        columnspacing=1.2,
        handlelength=1.4,
        frameon=False,
        labelcolor=_INK,
        fontsize=9,
    )


def _draw_curve(axes: Axes, train: Mapping[str, Any]) -> None:
    """The loss of the steps that each point stands for, and their trend."""
    _frame(axes, "Learning curve")
    losses = train["losses"]
    together = train["steps"] / len(losses)
    at = [(position + 0.5) * together + 0.5 for position in range(len(losses))]
    axes.plot(at, losses, color=_AFTER, alpha=0.25, linewidth=1)
    axes.plot(at, _smooth(losses), color=_AFTER, linewidth=2)
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    axes.set_ylim(0, None)
    axes.grid(color=_FAINT)


def _smooth(losses: list[float]) -> list[float]:
    """Each point the mean of its neighbours within a tenth of the curve."""
    reach = max(1, len(losses) // 20)
    windows = [losses[max(0, middle - reach) : middle + reach + 1] for middle in range(len(losses))]
    return [sum(window) / len(window) for window in windows]


def _frame(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", color=_INK, weight="bold", size=12, pad=10)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_MUTED, labelcolor=_INK, length=0)
    axes.xaxis.label.set_color(_MUTED)
    axes.yaxis.label.set_color(_MUTED)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(_FAINT)


def _say(axes: Axes, title: str, what: str) -> None:
    _frame(axes, title)
    axes.set_facecolor("#f5f7fa")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.text(0.5, 0.5, what, transform=axes.transAxes, ha="center", va="center", color=_MUTED, size=11)
