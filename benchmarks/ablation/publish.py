"""What parts are worth becomes JSON, a table in the terminal, and the page in docs (`make docs`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ablation.fits import TRIED_FITS
from benchmarks.ablation.parts import TRIED
from benchmarks.quality.figures import p_vs
from benchmarks.quality.learnt import UNTAUGHT, Learnt
from benchmarks.quality.learnt_page import LearntPage, mean_over_seeds
from benchmarks.quality.tables import MEASURE
from retrain.measures import holm, p_in_words

RESULTS = Path(__file__).with_name("results")
SHIPPED = "as it ships"
_TRIED = TRIED.keys() | TRIED_FITS.keys()

_INTRODUCTION = """\
# Ablation: what each part of the night's learning is worth

The quality benchmark's problems, learnt from as it ships and without one part at a time, or with something else in its
place: held-out ndcg@10 before the gate, mean ± standard deviation over the seeds, and the difference to what ships. The
questions are those of the benchmark's votes; the votes are cast anew, on the five sources that are served before the
night. Tables headed *the ranking's weights* leave the encoder as it comes and fit the weights alone; all others train
an encoder. Tables headed *vectors alone* were made without words, in votes and in ranking: they tell what a part gives
the encoder, not what it gives people. p: one-sided that what ships is better (of what was only tried: that it is
better than what ships), by a paired randomisation test over the questions of all seeds; * holds among all rows of the
table (Holm, 5%). What a training owes to the order of its batches is in these figures too: differences of half a point
say little. What lost is deleted; its row stays with the table of the code that had it. Of the ranking's weights that of
length helps on one set and harms on another, and that of the opening moves none: both ship as 0, where ten questions'
worth of doubt holds them.

```sh
python -m benchmarks.quality --data DIR --votes 1500 --seeds 0,1 --learners fitted --runs RUNS
python -m benchmarks.ablation --of ranking --runs RUNS --seeds 0,1 --json OUT
python -m benchmarks.ablation --of encoder --runs RUNS --seeds 0,1 --json OUT
```
"""


def summarise(
    data: str, votes: int, learnt: Mapping[int, Learnt], question_ids: Mapping[int, Sequence[str]]
) -> dict[str, Any]:
    """All figures as JSON holds them; `p` is of each part against what ships."""
    names = list(next(iter(learnt.values())))
    ids = [question_id for seed in learnt for question_id in question_ids[seed]]
    pooled = {name: np.concatenate([np.array(own[name]) for own in learnt.values()]) for name in names}
    ships = pooled[SHIPPED]
    others = [name for name in names if name not in (*UNTAUGHT, SHIPPED)]
    return {
        "data": data,
        "votes": votes,
        "seeds": list(learnt),
        MEASURE: {name: [float(np.mean(own[name])) for own in learnt.values()] for name in names},
        "p": {
            name: p_vs(ids, pooled[name], ships) if name in _TRIED else p_vs(ids, ships, pooled[name])
            for name in others
        },
    }


def rows_of(summary: Mapping[str, Any]) -> list[list[str]]:
    """A row for each part."""
    ships = float(np.mean(summary[MEASURE][SHIPPED]))
    held = holm(summary["p"], alpha=0.05)
    rows = []
    for name, values in summary[MEASURE].items():
        difference = "" if name == SHIPPED else f"{np.mean(values) - ships:+.3f}"
        p = p_in_words(summary["p"][name]).removeprefix("p ").removeprefix("= ") if name in summary["p"] else ""
        p += "*" if name in held else ""
        label = (UNTAUGHT | {SHIPPED: f"**{SHIPPED}**"}).get(name, name)
        rows.append([f"tried: {label}" if name in _TRIED else label, mean_over_seeds(values), difference, p])
    return rows


PAGE = LearntPage(_INTRODUCTION, ("", MEASURE, "to what ships", "p"), rows_of)
