"""What liars cost becomes JSON, a table in the terminal, and the page in docs (`make docs`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.liars.crowd import CROWDS
from benchmarks.quality.learnt import Learnt, untaught_of
from benchmarks.quality.learnt_page import LearntPage, mean_over_seeds
from benchmarks.quality.tables import MEASURE

RESULTS = Path(__file__).with_name("results")

_INTRODUCTION = """\
# Liars: what they cost a night

The questions of the quality benchmark's votes, voted on by other crowds: people of whom one in twenty, or one in ten,
turns every vote round; honest people and one who lies on every source of every third answer; honest people and five
who agree on the same lies on every fifth; who vote one document up wherever it is shown and all beside it down; who
toss a coin for every source of every fifth answer; who vote up its last two sources and down all before them. Each
crowd's votes are learnt from with the night's defences (how reliable a voter is, judged by how the votes go with the
ranking; the cap on what one person or one passage may carry; disagreement teaches nothing) and without any. What is
shown is held-out ndcg@10 before the gate, which would refuse what got worse. Tables headed *the ranking's weights*
leave the encoder as it comes and fit the weights alone; a table headed *vectors alone* was made without words, in votes
and in ranking.

```sh
python -m benchmarks.quality --data DIR --votes 1500 --seeds 0,1,2 --learners fitted --runs RUNS
python -m benchmarks.liars --of ranking --runs RUNS --seeds 0,1,2 --json OUT
python -m benchmarks.liars --of encoder --runs RUNS --seeds 0,1,2 --json OUT
```
"""


def summarise(data: str, votes: int, learnt: Mapping[int, Learnt]) -> dict[str, Any]:
    """All figures as JSON holds them: ndcg@10 by seed."""
    means = {str(seed): {name: float(np.mean(values)) for name, values in own.items()} for seed, own in learnt.items()}
    return {"data": data, "votes": votes, "seeds": list(learnt), MEASURE: means}


def rows_of(summary: Mapping[str, Any]) -> list[list[str]]:
    """A row for each crowd: its candidates' mean over seeds, and what of the honest, defended gain it costs."""
    cells = list(summary[MEASURE].values())
    base = _untaught_mean(summary)
    gain = float(np.mean([cell["honest, defended"] for cell in cells])) - base
    rows = []
    for crowd in (own for own in CROWDS if f"{own}, defended" in cells[0]):
        row = [crowd]
        for side in ("defended", "undefended"):
            values = [cell[f"{crowd}, {side}"] for cell in cells]
            lost = f"{round(100 * (gain + base - float(np.mean(values))) / gain)}%" if gain > 0 else "—"
            row += [mean_over_seeds(values), lost]
        rows.append(row)
    return rows


def _untaught_mean(summary: Mapping[str, Any]) -> float:
    return float(np.mean([cell[untaught_of(cell)] for cell in summary[MEASURE].values()]))


PAGE = LearntPage(
    _INTRODUCTION,
    ("", "with defences", "of the gain lost", "without", "of the gain lost"),
    rows_of,
    lambda summary: f"; without learning {_untaught_mean(summary):.3f}",
)
