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
from benchmarks.speed.missed import why_missed

if TYPE_CHECKING:
    from rich.console import Console

RESULTS = Path(__file__).with_name("results")

_MANY = 100  # rounds from which on the slowest twentieth says something
_HEADINGS = ("", "median", "p95", "ours takes", "at most")

_INTRODUCTION = """\
# Speed: Nightshift beside the bare libraries

The same work in one process, by turns, so that a slow minute is slow for all. *Ours takes* is Nightshift's time as a
multiple of that line's, the median of the rounds with their quartiles; *at most* is what is promised.

On made text, whose words are spread as in any language, and vectors that lie in topics: searches beside prepared
statements of psycopg's that give fifty ids, which plain code then orders by how a question's words stand in their texts
(ours also filters by audience, fuses, and brings the texts), with the recall against reading every vector; that
ordering by itself, where no passage was met before; loading beside COPY; mining by both beside a product of matrices
and a bare statement by words for each question; promoting and going back, while four people search, beside an update
of one row. On the sample handbook: a question without a language model beside the library's `encode` and both bare
statements; its passages encoded; a training step on the same rows; a question asked by a process that starts for it.
The library's loss is run without dropout, as ours is; its trainer as it comes.

```sh
python -m benchmarks.speed --size 100000 --json OUT
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
            "load": os.getloadavg()[-1],
            **{name: version(name) for name in ("torch", "transformers", "sentence-transformers")},
        },
        "comparisons": [asdict(comparison) for comparison in comparisons],
    }


def render_page(results: Sequence[dict[str, Any]], introduction: str = _INTRODUCTION) -> str:
    """The page: a section for each machine."""
    return "\n".join([introduction, *(_section(result) for result in results)])


def show_table(console: Console, comparisons: Sequence[Comparison]) -> None:
    """A block for each comparison, a line for each contender."""
    for comparison in comparisons:
        table = Table(box=None, header_style="dim", title=comparison.what, title_justify="left")
        for heading in _HEADINGS:
            table.add_column(heading, justify="right" if heading else "left")
        for row in _rows(comparison):
            table.add_row(*row)
        console.print(table)
        if facts := _facts(comparison):
            console.print(f"  {facts}", style="dim", markup=False)


def _section(result: dict[str, Any]) -> str:
    machine = result["machine"]
    parts = [
        f"## {machine['processor']}, {machine['threads']} of {machine['cores']} cores\n\n"
        f"torch {machine['torch']}, transformers {machine['transformers']}, "
        f"sentence-transformers {machine['sentence-transformers']}, on {machine['device']}.\n"
        f"{_busy(machine)}{made_by(result)}"
    ]
    for kept in result["comparisons"]:
        comparison = Comparison(**kept)
        lines = [("Contender" if not heading else heading) for heading in _HEADINGS]
        rows = [lines, ["---", *["--:"] * (len(lines) - 1)], *_rows(comparison)]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        beneath = [f"\n{line}.\n" for line in (_facts(comparison), _missed(comparison)) if line]
        parts.append("".join([f"### {comparison.what}\n\n{table}\n", *beneath]))
    return "\n".join(parts)


def _rows(comparison: Comparison) -> list[list[str]]:
    rows = []
    for name, seconds in comparison.seconds.items():
        ratio = comparison.ratio(name)
        rows.append(
            [
                name,
                f"{1000 * comparison.median_s(name):.1f} ms a {comparison.unit}",
                f"{1000 * comparison.p95_s(name):.1f} ms" if len(seconds) >= _MANY else "",
                "" if name == OURS else f"{ratio.median:.2f}x ({ratio.low:.2f} to {ratio.high:.2f})",
                f"{comparison.limit:.3g}x" if comparison.limit and name == comparison.promised_against else "",
            ]
        )
    return rows


def _facts(comparison: Comparison) -> str:
    """What a time means nothing without, in a line."""
    return "; ".join(
        f"{name}: {fact if isinstance(fact, str | int) else f'{fact:.4g}'}" for name, fact in comparison.facts.items()
    )


def _busy(machine: dict[str, Any]) -> str:
    """How busy the machine was, and what whoever measured noted of it."""
    load = machine.get("load")
    said = f"Over its last 15 minutes {load:.1f} processes wanted to run at once.\n" if load is not None else ""
    return said + (f"{machine['note']}\n" if machine.get("note") else "")


def _missed(comparison: Comparison) -> str:
    reason = why_missed(comparison)
    return f"Longer than promised: {reason}" if reason else ""


def _processor() -> str:
    """The processor's name, as the system tells it."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text("utf-8").splitlines() if facts.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
