"""What benchmarks keep as JSON becomes tables: in the terminal, and on their pages in docs (`make docs`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console


def read_results(folder: Path) -> list[dict[str, Any]]:
    """What `--json` wrote into a benchmark's results folder, by file name."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


def made_by(result: Mapping[str, Any]) -> str:
    """A line that says which code made a result: what ships may have moved on since."""
    return f"Made by the code of {result['code']}.\n" if result.get("code") else ""


def print_table(console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints rows of Markdown cells; all columns but the first are figures."""
    table = Table(box=None, header_style="dim", title=title)
    for column in columns:
        table.add_column(column, justify="right" if column else "left")
    for row in rows:
        table.add_row(*(cell.removeprefix("**").removesuffix("**") for cell in row))
    console.print(table)


def markdown_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], below: str = "") -> str:
    """A section of a page, with a line below its table."""
    lines = [f"| {' | '.join(cells)} |" for cells in (columns, ["---"] * len(columns), *rows)]
    return "\n".join([f"## {title}\n", *lines, "", *([below] if below else [])])
