"""What parts are worth becomes JSON, a table in the terminal, and the page in docs (`make docs`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from benchmarks.ablation.parts import TRIED
from benchmarks.quality.figures import p_vs
from benchmarks.quality.learnt import Learnt
from benchmarks.quality.tables import MEASURE, p_in_words

if TYPE_CHECKING:
    from rich.console import Console

RESULTS = Path(__file__).with_name("results")
SHIPPED = "as it ships"

_INTRODUCTION = """\
# Ablation: what each part of the training is worth

The quality benchmark's problems, trained on as it ships and without one part at a time, or with something else in its
place: held-out ndcg@10 before the gate, mean ± standard deviation over the seeds, and the difference to what ships. p:
one-sided that what ships is better (of what was only tried: that it is better than what ships), by a paired
randomisation test over the questions of all seeds.

```sh
python -m benchmarks.quality --data DIR --votes 1500 --seeds 0,1 --learners nightshift --runs RUNS
python -m benchmarks.ablation --runs RUNS --seeds 0,1 --json OUT
```
"""

_COLUMNS = ("", MEASURE, "to what ships", "p")


def summarise(
    data: str, votes: int, learnt: Mapping[int, Learnt], question_ids: Mapping[int, Sequence[str]]
) -> dict[str, Any]:
    """All figures as JSON holds them; `p` is of each part against what ships."""
    names = list(next(iter(learnt.values())))
    ids = [question_id for seed in learnt for question_id in question_ids[seed]]
    pooled = {name: np.concatenate([np.array(own[name]) for own in learnt.values()]) for name in names}
    ships = pooled[SHIPPED]
    others = [name for name in names if name not in ("base", SHIPPED)]
    return {
        "data": data,
        "votes": votes,
        "seeds": list(learnt),
        MEASURE: {name: [float(np.mean(own[name])) for own in learnt.values()] for name in names},
        "p": {
            name: p_vs(ids, pooled[name], ships) if name in TRIED else p_vs(ids, ships, pooled[name]) for name in others
        },
    }


def rows_of(summary: Mapping[str, Any]) -> list[list[str]]:
    """A row for each part."""
    ships = float(np.mean(summary[MEASURE][SHIPPED]))
    rows = []
    for name, values in summary[MEASURE].items():
        spread = f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
        difference = "" if name == SHIPPED else f"{np.mean(values) - ships:+.3f}"
        p = p_in_words(summary["p"][name]).removeprefix("p ").removeprefix("= ") if name in summary["p"] else ""
        label = {"base": "no training", SHIPPED: f"**{SHIPPED}**"}.get(name, name)
        rows.append([f"tried: {label}" if name in TRIED else label, f"{np.mean(values):.3f}{spread}", difference, p])
    return rows


def show_table(console: Console, summary: Mapping[str, Any]) -> None:
    """One line a part."""
    table = Table(box=None, header_style="dim", title=_title(summary))
    for column in _COLUMNS:
        table.add_column(column, justify="right" if column else "left")
    for row in rows_of(summary):
        table.add_row(*(cell.strip("*") for cell in row))
    console.print(table)


def read_results() -> list[dict[str, Any]]:
    """What `--json` wrote into the results folder, by file name."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*.json"))]


def render_page(results: Sequence[Mapping[str, Any]]) -> str:
    """The page: a table for each result."""
    parts = [_INTRODUCTION]
    for result in results:
        lines = [f"| {' | '.join(cells)} |" for cells in (_COLUMNS, ["---"] * len(_COLUMNS), *rows_of(result))]
        parts.append("\n".join([f"## {_title(result)}\n", *lines, ""]))
    return "\n".join(parts)


def _title(summary: Mapping[str, Any]) -> str:
    return f"{summary['data']}, {summary['votes']:,} votes, seeds {', '.join(map(str, summary['seeds']))}"
