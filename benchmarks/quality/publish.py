"""The results that are kept become a page of tables and a plot; `make docs` writes both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.pages import made_by
from benchmarks.quality.tables import AGAINST, MORE_COLUMNS, mean_in_words
from retrain.measures import p_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMED = 3
"""Decisions that are named one by one, in the order of the seeds; more are counted."""

RESULTS = Path(__file__).with_name("results")

LABELS = {
    "vectors": "vectors alone, no night",
    "words": "words beside vectors",
    "ranking": "**Nightshift, no night**: ranked by seven features",
    "fitted": "**Nightshift, a ranking run**: the same, weights fitted to votes",
    "rrf": "reciprocal rank fusion, k = 60, no votes",
    "onyx": "min-max fusion (Onyx's), no votes",
    "onyx_rrf": "weighted rank fusion, k = 50 (Onyx's), no votes",
    "weighed": "words beside vectors, weight chosen by pairs",
    "boost": "global boost (Onyx's)",
    "ragflow": "vote pagerank (RAGFlow's)",
    "linear_adapter": "linear adapter (LlamaIndex's)",
    "nudge": "NUDGE-N",
    "memory": "question memory (Rocchio)",
    "llamaindex": "fine-tuning (LlamaIndex's engine)",
    "candidate": "**Nightshift, before its gate**",
    "nightshift": "**Nightshift, what serves**",
    "ceiling": "ceiling: the same on true answers",
}

STYLES = {
    "ceiling": ("#b8bcc2", "D", ""),
    "rrf": ("#8a8f98", "+", ":"),
    "onyx": ("#8a8f98", "1", ":"),
    "onyx_rrf": ("#8a8f98", "2", ":"),
    "weighed": ("#8a8f98", "o", ":"),
    "ragflow": ("#8a8f98", "<", ":"),
    "boost": ("#8a8f98", "v", ":"),
    "linear_adapter": ("#8a8f98", "s", ":"),
    "nudge": ("#8a8f98", "^", ":"),
    "memory": ("#8a8f98", "x", ":"),
    "vectors": ("#444444", "", ":"),
    "words": ("#444444", "", "-"),
    "ranking": ("#444444", "", "--"),
    "fitted": ("#009e73", "o", "-"),
    "llamaindex": ("#d55e00", "o", "-"),
    "nightshift": ("#0072b2", "o", "-"),
    "candidate": ("#56b4e9", "o", "--"),
}
"""Colour, marker and line in the plot, in the order of drawing."""

_INTRODUCTION = """\
# Quality: what the same votes are worth

Simulated people ask real questions, look at the sources from the top, and vote by the known answers; 5% of the votes
are slips. Every learner gets the same votes and the same curated pairs, and is judged on questions that it never saw:
ndcg@10 over documents, mean ± standard deviation over the seeds. The steps come one after the other: the base model's
vectors alone; the words beside them; the best of both ranked by all features, which is what serves before any night;
the same with the weights that votes and pairs fit, which a ranking run takes seconds for; what a night made, encoder
and weights; what served after its gate. *Gain* is over the second step. Every peer ranks by words too, by its own
formula where it has one; where it leaves open what words count, curated pairs that it did not learn from choose it.
*Right*, *wrongly silent* and *wrongly talkative* are shares of the answers that people would get: a right document
among the sources; a refusal, of those with one; an answer without one; *quoted*: the quoted text holds the words that
answer. Peers rank, and answer nobody. *Voted* are held-out questions whose right document got votes from others;
*never voted* are those whose right document got none. *Repeats* are asked questions in other words, written by hand:
the sample handbook has some; the other sets have none. The regression set is of another kind (the sample handbook), and
shows what was forgotten. p: one-sided, by a paired randomisation test over the questions of all seeds.

```sh
pip install -e '.[benchmarks]'
python -m benchmarks.quality --data DIR --votes 50,100,300,1500 --seeds 0,1,2 --runs RUNS --json OUT
```

All were computed on two CPU cores; with 50, 100 and 300 votes without a night. Of 1,500 votes three seeds with all
learners took 54 minutes on covidqa and 37 on squad_half1, beside other work. What takes the time is the night (the last
column), whatever else trains an encoder (the ceiling, LlamaIndex's engine), and asking and voting in Slack; all other
cells take seconds. Seeds 20 to 29 were drawn once, after everything was settled: what nights on fresh seeds come to at
the gate.
"""


def render_page(results: Sequence[dict[str, Any]]) -> str:
    """The page: a table for each result."""
    if not results:
        return f"{_INTRODUCTION}\nThere are no figures of what serves now yet.\n"
    parts = [
        _INTRODUCTION,
        _overview(results),
        "![ndcg@10 on held-out questions](quality.png)\n",
        *(_section(result) for result in sorted(results, key=lambda own: (own["data"], own["votes"]))),
    ]
    return "\n".join(parts)


def draw(results: Sequence[dict[str, Any]], path: Path) -> None:
    """Every learner's mean with its spread, by the number of votes; a panel for each set."""
    from matplotlib.figure import Figure

    results = [result for result in results if result["best_peer"] is not None]
    sets = list(dict.fromkeys(result["data"] for result in results)) or [""]
    figure = Figure(figsize=(5.2 * len(sets), 4.8), layout="constrained", dpi=160)
    panels = figure.subplots(1, len(sets), squeeze=False)[0]
    for axes, data in zip(panels, sets, strict=True):
        _draw_panel(axes, data, sorted(_of_set(results, data), key=lambda result: int(result["votes"])))
    lines = {line.get_label(): line for axes in panels for line in axes.get_legend_handles_labels()[0]}
    figure.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    panels[0].set_ylabel("ndcg@10 on held-out questions")
    figure.savefig(path)


def _draw_panel(axes: Axes, data: str, results: Sequence[dict[str, Any]]) -> None:
    for place, (name, (colour, marker, line)) in enumerate(STYLES.items()):
        shown = [result for result in results if name in result["learners"]]
        figures = [result["learners"][name]["ndcg@10"] for result in shown]
        axes.errorbar(
            [result["votes"] * 1.02 ** (place - len(STYLES) // 2) for result in shown],  # side by side
            [figure["mean"] for figure in figures],
            yerr=[figure["std"] for figure in figures],
            label=LABELS[name].replace("**", ""),
            color=colour,
            marker=marker,
            linestyle=line,
            markersize=5,
            capsize=2,
            elinewidth=0.8,
        )
    votes = sorted({result["votes"] for result in results})
    axes.set_xscale("log")
    axes.set_xticks(votes, [f"{number:,}" for number in votes])
    axes.minorticks_off()
    axes.margins(x=0.12)
    axes.set_xlabel("votes")
    axes.set_title(data, fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)


def _of_set(results: Sequence[dict[str, Any]], data: str) -> list[dict[str, Any]]:
    return [result for result in results if result["data"] == data]


def _overview(results: Sequence[dict[str, Any]]) -> str:
    """A line for each set and number of votes that we and peers learnt from."""
    lines = [
        "| set | votes | vectors | words | no night | ranking run | best peer | trained | against the peer | serves"
        " | against the peer | nights |",
        "|---" * 12 + "|",
    ]
    for result in sorted(results, key=lambda own: (own["data"], own["votes"])):
        means = {name: figures["ndcg@10"]["mean"] for name, figures in result["learners"].items()}
        if (peer := result["best_peer"]) is None or not {"vectors", "words", "nightshift"} <= means.keys():
            continue
        served = result.get("p_serves_vs_best_peer")
        cells = (
            result["data"],
            _votes_in_words(result).replace(" votes", ""),
            f"{means['vectors']:.3f}",
            f"{means['words']:.3f}",
            f"{means.get('ranking', means['words']):.3f}",
            f"{means['fitted']:.3f}" if "fitted" in means else "—",
            f"{means[peer]:.3f}, {LABELS[peer]}",
            f"{means['candidate']:.3f}",
            f"{means['candidate'] - means[peer]:+.3f}, {p_in_words(result['p_vs_best_peer'])}",
            f"**{means['nightshift']:.3f}**",
            f"{means['nightshift'] - means[peer]:+.3f}" + (f", {p_in_words(served)}" if served is not None else ""),
            ", ".join(result["learners"]["nightshift"]["decisions"]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _votes_in_words(result: dict[str, Any]) -> str:
    """How many were wanted, or how many there were to be had."""
    cast = result.get("cast") or [result["votes"]]
    if max(cast) >= result["votes"]:
        return f"{result['votes']:,} votes"
    return f"{min(cast):,} to {max(cast):,} votes, all there are"


def _section(result: dict[str, Any]) -> str:
    seeds = ", ".join(map(str, result["seeds"]))
    lines = [
        f"## {result['data']}, {_votes_in_words(result)}, seeds {seeds}\n",
        f"| | ndcg@10 | gain | {' | '.join(MORE_COLUMNS.values())} | seconds |",
        "|---" * (len(MORE_COLUMNS) + 4) + "|",
    ]
    untaught = result["learners"]["words"]["ndcg@10"]["mean"]
    for name, figures in sorted(result["learners"].items(), key=lambda item: list(LABELS).index(item[0])):
        main = figures["ndcg@10"]
        decisions = f" ({_in_words(figures['decisions'])})" if name == "nightshift" and "decisions" in figures else ""
        cells = (
            LABELS[name] + decisions,
            f"{main['mean']:.3f} ± {main['std']:.3f}",
            f"{main['mean'] - untaught:+.3f} ({100 * (main['mean'] / untaught - 1):+.0f}%)",
            *(mean_in_words(figures.get(key)) for key in MORE_COLUMNS),
            f"{figures['seconds']:.0f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", made_by(result).rstrip()] if made_by(result) else []
    lines += [_against_peer(result, *each) for each in AGAINST.items() if result.get(each[1]) is not None]
    return "\n".join([*lines, ""])


def _in_words(decisions: Sequence[str]) -> str:
    if len(decisions) <= _NAMED:
        return ", ".join(decisions)
    return ", ".join(f"{number} {decision}" for decision, number in Counter(decisions).most_common())


def _against_peer(result: dict[str, Any], name: str, p: str) -> str:
    ours, theirs = (result["learners"][each]["ndcg@10"]["mean"] for each in (name, result["best_peer"]))
    what = {"fitted": "A ranking run", "candidate": "What was trained", "nightshift": "What serves"}[name]
    against = f"{what} against the best peer, {LABELS[result['best_peer']]}: {ours - theirs:+.3f}"
    of_ceiling = _of_ceiling(result) if name == "candidate" else ""
    return f"\n{against}, {p_in_words(result[p])}.{of_ceiling}"


def _of_ceiling(result: dict[str, Any]) -> str:
    """What share of the gain that true answers would have brought the votes brought, where both rank alike.

    Before weights were a step of their own the ceiling had only words beside what it learnt: a candidate with a ranking
    could be above it.
    """
    means = {name: figures["ndcg@10"]["mean"] for name, figures in result["learners"].items()}
    alike = "ranking" not in means or "fitted" in means
    if "ceiling" not in means or not alike or means["ceiling"] <= means["words"]:
        return ""
    share = (means["candidate"] - means["words"]) / (means["ceiling"] - means["words"])
    return f" That is {share:.0%} of what the same questions gain when every answer to them is known."
