"""Shows how much of the product the tests that have just run reached: in all, and the modules they reached least of."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from coverage import Coverage
from rich.console import Console
from rich.table import Table

from deploy.reached.sitecustomize import MARKS, starts_of

ROOT = Path(__file__).parent.parent
LINES = ".coverage-lines"
"""The folder of the marks, as the Makefile names it."""
SHOWN = 12


def read_coverage(root: Path) -> dict[str, tuple[int, int]]:
    """Statements of each module, and how many of them no test reached; afterwards coverage's own reports can be had."""
    coverage = Coverage(data_file=root / ".coverage", config_file=False)
    coverage.erase()
    data = coverage.get_data()
    starts = starts_of(str(root))
    sources = list(starts)[:-1]
    marks = (root / LINES / MARKS).read_bytes()
    for source, (start, end) in zip(sources, pairwise(starts.values()), strict=True):
        data.add_lines({source: [line for line, reached in enumerate(marks[start:end]) if reached]})
    coverage.save()
    counts = {}
    for source in sources:
        _, statements, _, missing, _ = coverage.analysis2(source)
        counts[str(Path(source).relative_to(root))] = len(statements), len(missing)
    data.close(force=True)
    return counts


def table_of(counts: dict[str, tuple[int, int]]) -> Table:
    """A row for each of the modules with the smallest share, and their sum over all."""
    table = Table(box=None, header_style="dim", title="Least reached by tests", show_footer=True)
    statements, missing = (sum(column) for column in zip(*counts.values(), strict=True))
    table.add_column("module", "all of the product")
    for heading, total in (("lines", str(statements)), ("not reached", str(missing))):
        table.add_column(heading, total, justify="right")
    table.add_column("reached", _share(statements, missing), justify="right")
    least = sorted(counts, key=lambda name: (1 - counts[name][1] / max(1, counts[name][0]), name))
    for name in [name for name in least if counts[name][1]][:SHOWN]:
        own = counts[name]
        table.add_row(name, str(own[0]), str(own[1]), _share(*own))
    return table


def _share(statements: int, missing: int) -> str:
    return f"{1 - missing / statements:.1%}"


if __name__ == "__main__":
    Console().print(table_of(read_coverage(ROOT)))
