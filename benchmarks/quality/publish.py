"""The results that are kept become a page of tables and a plot; `make docs` writes both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.quality.tables import p_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESULTS = Path(__file__).with_name("results")

COLOURS = {"candidate": "#0072b2", "nightshift": "#0072b2", "ceiling": "#c9cdd3"}
_OTHER = "#8a8f98"

LABELS = {
    "base": "no training",
    "boost": "global boost (Onyx's)",
    "linear_adapter": "linear adapter (LlamaIndex's)",
    "nudge": "NUDGE-N",
    "memory": "question memory (Rocchio)",
    "llamaindex": "fine-tuning (LlamaIndex's engine)",
    "candidate": "**Nightshift, before its gate**",
    "nightshift": "**Nightshift, what serves**",
    "ceiling": "ceiling: the same on true answers",
}

_INTRODUCTION = """\
# Quality: what the same votes are worth

Simulated people ask real questions, look at the sources from the top, and vote by the known answers; 5% of the votes
are slips. Every learner gets the same votes and the same curated pairs, and is judged on questions that it never saw:
ndcg@10 over documents, mean ± standard deviation over the seeds. *Voted* are held-out questions whose right document
got votes from others; *never voted* are those whose right document got none. The regression set is of another kind (the
sample handbook), and shows what was forgotten. p: one-sided, by a paired randomisation test over the questions of all
seeds.

```sh
pip install -e '.[benchmarks]'
python -m benchmarks.quality --data DIR --votes 1500 --seeds 0,1,2 --runs RUNS --json OUT
```
"""


def read_results() -> list[dict[str, Any]]:
    """What `--json` wrote into the results folder, by file name."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*.json"))]


def render_page(results: Sequence[dict[str, Any]]) -> str:
    """The page: a table for each result."""
    parts = [
        _INTRODUCTION,
        "![ndcg@10 on held-out questions](quality.png)\n",
        *(_section(result) for result in results),
    ]
    return "\n".join(parts)


def draw(results: Sequence[dict[str, Any]], path: Path) -> None:
    """Every learner's mean with its spread, a panel for each result."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2 * max(1, len(results)), 4.2), layout="constrained", dpi=160)
    panels = figure.subplots(1, max(1, len(results)), squeeze=False)[0]
    for axes, result in zip(panels, results, strict=False):
        _draw_panel(axes, result)
    figure.savefig(path)


def _draw_panel(axes: Axes, result: dict[str, Any]) -> None:
    names = [name for name in LABELS if name in result["learners"]][::-1]
    figures = [result["learners"][name]["ndcg@10"] for name in names]
    means = np.array([figure["mean"] for figure in figures])
    colours = [COLOURS.get(name, _OTHER) for name in names]
    axes.barh(range(len(names)), means, xerr=[figure["std"] for figure in figures], color=colours, ecolor="#444")
    axes.set_yticks(range(len(names)), [LABELS[name].strip("*") for name in names])
    for place, figure in enumerate(figures):
        axes.annotate(f"{figure['mean']:.3f}", (0, place), textcoords="offset points", xytext=(4, -3), color="white")
    axes.axvline(result["learners"]["base"]["ndcg@10"]["mean"], color="#444", linewidth=0.8, linestyle=":")
    axes.set_title(f"{result['data']}, {result['votes']:,} votes", fontsize=11)
    axes.set_xlabel("ndcg@10 on held-out questions")
    axes.spines[["top", "right"]].set_visible(False)


def _section(result: dict[str, Any]) -> str:
    seeds = ", ".join(map(str, result["seeds"]))
    lines = [
        f"## {result['data']}, {result['votes']:,} votes, seeds {seeds}\n",
        "| | ndcg@10 | gain | mrr@10 | recall@10 | voted | never voted | regression set | seconds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    base = result["learners"]["base"]["ndcg@10"]["mean"]
    for name, figures in sorted(result["learners"].items(), key=lambda item: list(LABELS).index(item[0])):
        main = figures["ndcg@10"]
        decisions = f" ({', '.join(figures['decisions'])})" if name == "nightshift" and "decisions" in figures else ""
        cells = (
            LABELS[name] + decisions,
            f"{main['mean']:.3f} ± {main['std']:.3f}",
            f"{main['mean'] - base:+.3f} ({100 * (main['mean'] / base - 1):+.0f}%)",
            *(_number(figures[key]["mean"]) for key in ("mrr@10", "recall@10", "voted", "never_voted", "regression")),
            f"{figures['seconds']:.0f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    if result.get("best_peer"):
        ours, theirs = (result["learners"][name]["ndcg@10"]["mean"] for name in ("candidate", result["best_peer"]))
        against = f"Against the best peer, {LABELS[result['best_peer']]}: {ours - theirs:+.3f}"
        lines.append(f"\n{against}, {p_in_words(result['p_vs_best_peer'])}.{_of_ceiling(result)}\n")
    return "\n".join(lines)


def _of_ceiling(result: dict[str, Any]) -> str:
    """What share of the gain that true answers would have brought the votes brought."""
    means = {name: figures["ndcg@10"]["mean"] for name, figures in result["learners"].items()}
    if "ceiling" not in means or means["ceiling"] <= means["base"]:
        return ""
    share = (means["candidate"] - means["base"]) / (means["ceiling"] - means["base"])
    return f" That is {share:.0%} of what the same questions gain when every answer to them is known."


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"
