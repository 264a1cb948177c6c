"""What was measured becomes JSON, a table in the terminal, and the page in docs (`make docs`)."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from benchmarks.pages import made_by
from benchmarks.speed.measure import OURS, Comparison

if TYPE_CHECKING:
    from rich.console import Console

RESULTS = Path(__file__).with_name("results")

_MANY = 100  # rounds from which on the slowest twentieth says something
_HEADINGS = ("", "median", "p95", "ours takes", "at most")

_INTRODUCTION = """\
# Speed: Nightshift beside the bare libraries

The same work in one process, by turns, so that a slow minute is slow for all: the sample handbook's passages encoded,
a training step on the same rows, a search in the same table; a question asked by a process that starts for it. *Ours
takes* is Nightshift's time as a multiple of that line's, the median of the rounds with their quartiles; *at most* is
what is promised. The library's loss is run without dropout, as ours is; its trainer as it comes. Our search also
filters by audience and brings the texts.

```sh
python -m benchmarks.speed --json OUT
```
"""


def as_json(comparisons: Sequence[Comparison], device: str) -> dict[str, Any]:
    """Everything that was measured, and on what."""
    import torch

    return {
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "device": device,
            **{name: version(name) for name in ("torch", "transformers", "sentence-transformers")},
        },
        "comparisons": [asdict(comparison) for comparison in comparisons],
    }


def render_page(results: Sequence[dict[str, Any]]) -> str:
    """The page: a section for each machine."""
    return "\n".join([_INTRODUCTION, *(_section(result) for result in results)])


def show_table(console: Console, comparisons: Sequence[Comparison]) -> None:
    """A block for each comparison, a line for each contender."""
    for comparison in comparisons:
        table = Table(box=None, header_style="dim", title=comparison.what, title_justify="left")
        for heading in _HEADINGS:
            table.add_column(heading, justify="right" if heading else "left")
        for row in _rows(comparison):
            table.add_row(*row)
        console.print(table)


def _section(result: dict[str, Any]) -> str:
    machine = result["machine"]
    parts = [
        f"## {machine['processor']}, {machine['threads']} of {machine['cores']} cores\n\n"
        f"torch {machine['torch']}, transformers {machine['transformers']}, "
        f"sentence-transformers {machine['sentence-transformers']}, on {machine['device']}.\n{made_by(result)}"
    ]
    for kept in result["comparisons"]:
        comparison = Comparison(**kept)
        lines = [("Contender" if not heading else heading) for heading in _HEADINGS]
        rows = [lines, ["---", *["--:"] * (len(lines) - 1)], *_rows(comparison)]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        parts.append(f"### {comparison.what}\n\n{table}\n")
    return "\n".join(parts)


def _rows(comparison: Comparison) -> list[list[str]]:
    promised = next(name for name in comparison.seconds if name != OURS)
    rows = []
    for name, seconds in comparison.seconds.items():
        ratio = comparison.ratio(name)
        rows.append(
            [
                name,
                f"{1000 * comparison.median_s(name):.1f} ms a {comparison.unit}",
                f"{1000 * comparison.p95_s(name):.1f} ms" if len(seconds) >= _MANY else "",
                "" if name == OURS else f"{ratio.median:.2f}x ({ratio.low:.2f} to {ratio.high:.2f})",
                f"{comparison.limit}x" if comparison.limit and name == promised else "",
            ]
        )
    return rows


def _processor() -> str:
    """The processor's name, as the system tells it."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text("utf-8").splitlines() if facts.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
