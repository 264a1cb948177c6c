"""What liars cost becomes JSON, a table in the terminal, and the page in docs (`make docs`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.liars.crowd import CROWDS
from benchmarks.pages import made_by, markdown_table, print_table
from benchmarks.quality.learnt import Learnt, untaught_of
from benchmarks.quality.tables import MEASURE

if TYPE_CHECKING:
    from rich.console import Console

RESULTS = Path(__file__).with_name("results")

_INTRODUCTION = """\
# Liars: what they cost a night

The questions of the quality benchmark's votes, voted on by other crowds: people of whom one in twenty, or one in ten,
turns every vote round; honest people and one who lies on every source of every third answer; honest people and five
who agree on the same lies on every fifth. Each crowd's votes are learnt from with the night's defences (how reliable a
voter is, judged by how the votes go with the ranking; the cap on what one person or one passage may carry;
disagreement teaches nothing) and without any. What is shown is held-out ndcg@10 before the gate, which would refuse
what got worse. A table headed *vectors alone* was made without words, in votes and in ranking.

```sh
python -m benchmarks.quality --data DIR --votes 1500 --seeds 0,1,2 --learners nightshift --runs RUNS
python -m benchmarks.liars --runs RUNS --seeds 0,1,2 --json OUT
```
"""

_COLUMNS = ("", "with defences", "of the gain lost", "without", "of the gain lost")


def summarise(data: str, votes: int, learnt: Mapping[int, Learnt]) -> dict[str, Any]:
    """All figures as JSON holds them: ndcg@10 by seed."""
    means = {str(seed): {name: float(np.mean(values)) for name, values in own.items()} for seed, own in learnt.items()}
    return {"data": data, "votes": votes, "seeds": list(learnt), MEASURE: means}


def rows_of(summary: Mapping[str, Any]) -> list[list[str]]:
    """A row for each crowd: its candidates' mean over seeds, and what of the honest, defended gain it costs."""
    cells = list(summary[MEASURE].values())
    base = _untaught(summary)[1]
    gain = float(np.mean([cell["honest, defended"] for cell in cells])) - base
    rows = []
    for crowd in CROWDS:
        row = [crowd]
        for side in ("defended", "undefended"):
            values = [cell[f"{crowd}, {side}"] for cell in cells]
            spread = f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
            lost = f"{round(100 * (gain + base - float(np.mean(values))) / gain)}%" if gain > 0 else "—"
            row += [f"{np.mean(values):.3f}{spread}", lost]
        rows.append(row)
    return rows


def show_table(console: Console, summary: Mapping[str, Any]) -> None:
    """One line a crowd."""
    print_table(console, _title(summary), _COLUMNS, rows_of(summary))


def render_page(results: Sequence[Mapping[str, Any]]) -> str:
    """The page: a table for each result."""
    return "\n".join(
        [
            _INTRODUCTION,
            *(markdown_table(_title(own), _COLUMNS, rows_of(own), made_by(own)) for own in results),
        ]
    )


def _title(summary: Mapping[str, Any]) -> str:
    name, base = _untaught(summary)
    ranked = ", vectors alone" if name == "vectors" else ""
    seeds = ", ".join(map(str, summary["seeds"]))
    return f"{summary['data']}, {summary['votes']:,} votes, seeds {seeds}{ranked}; without training {base:.3f}"


def _untaught(summary: Mapping[str, Any]) -> tuple[str, float]:
    """What stands for no training, and its mean."""
    cells = list(summary[MEASURE].values())
    name = untaught_of(cells[0])
    return name, float(np.mean([cell[name] for cell in cells]))
