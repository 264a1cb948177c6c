"""`python -m docs.house [TREE …]`: figures of one tree, or of several side by side, as a Markdown table or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from docs.house.counts import count, minutes_of_tests
from docs.house.order import read_order
from docs.house.reading import read_tree

Cell = int | float | str | None


def main() -> None:
    """Prints them."""
    here = Path(__file__).parents[2]
    parser = argparse.ArgumentParser(prog="python -m docs.house", description=__doc__)
    parser.add_argument("trees", nargs="*", type=Path, default=[here], metavar="TREE", help="checkouts of any age")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    parser.add_argument("--junit", nargs="*", type=Path, default=[], help="pytest's --junit-xml for each tree")
    options = parser.parse_args()
    figures: list[dict[str, Cell]] = []
    rooms = []
    for tree in options.trees:
        found, by_room = count(read_tree(tree), read_order(tree))
        figures.append(dict(found))
        rooms.append(by_room)
    for column, report in zip(figures, options.junit, strict=False):
        column["minutes of tests"] = round(minutes_of_tests(report), 1)
    if options.json:
        told = [column | {"modules by room": by_room} for column, by_room in zip(figures, rooms, strict=True)]
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    else:
        names = [tree.resolve().name for tree in options.trees]
        sys.stdout.write(table("", names, figures) + "\n" + table("modules by room", names, rooms))


def table(title: str, names: list[str], columns: list[dict[str, Cell]] | list[dict[str, int]]) -> str:
    """Markdown: a row for each key, in the order in which keys first come; what a tree lacks is a dash."""
    keys = list(dict.fromkeys(key for column in columns for key in column))
    lines = [[title, *names], ["---", *["---:" for _ in names]]]
    lines += [[key, *[_cell(column.get(key)) for column in columns]] for key in keys]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(value: Cell) -> str:
    return "—" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main()
