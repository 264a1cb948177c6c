"""What trainings and fits came to, as tables: in the terminal, and on a page in docs (`make docs`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from benchmarks.pages import made_by
from benchmarks.quality.learnt import untaught_of
from benchmarks.quality.tables import MEASURE

if TYPE_CHECKING:
    from rich.console import Console

Summary = Mapping[str, Any]
"""`data`, `votes`, `seeds`, and by `MEASURE` figures by what was trained, or such by seed."""


@dataclass(frozen=True, slots=True)
class LearntPage:
    """A table for each summary; its cells are Markdown, and all columns but the first are figures."""

    introduction: str
    columns: Sequence[str]
    rows_of: Callable[[Summary], list[list[str]]]
    remark_on: Callable[[Summary], str] = lambda _: ""

    def show(self, console: Console, summary: Summary) -> None:
        """Prints one table."""
        table = Table(box=None, header_style="dim", title=self._title(summary))
        for column in self.columns:
            table.add_column(column, justify="right" if column else "left")
        for row in self.rows_of(summary):
            table.add_row(*(cell.removeprefix("**").removesuffix("**") for cell in row))
        console.print(table)

    def render(self, results: Sequence[Summary]) -> str:
        """The page, with a table for each result."""
        return "\n".join([self.introduction, *map(self._section, results)])

    def _section(self, result: Summary) -> str:
        rows = (self.columns, ["---"] * len(self.columns), *self.rows_of(result))
        below = [own] if (own := made_by(result)) else []
        return "\n".join([f"## {self._title(result)}\n", *(f"| {' | '.join(row)} |" for row in rows), "", *below])

    def _title(self, summary: Summary) -> str:
        seeds = ", ".join(map(str, summary["seeds"]))
        figures = summary[MEASURE]
        names = figures.get(str(summary["seeds"][0]), figures)
        ranked = {"vectors": ", vectors alone", "ranking": ", the ranking's weights"}.get(untaught_of(names), "")
        return f"{summary['data']}, {summary['votes']:,} votes, seeds {seeds}{ranked}{self.remark_on(summary)}"


def mean_over_seeds(values: Sequence[float]) -> str:
    """The mean, with the standard deviation where there are several."""
    spread = f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{spread}"
