"""How large a tree is and how its rooms hang together, in figures that any two trees can be compared by."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree

from docs.house.order import Order
from docs.house.reading import Arrow, Module, Tree
from docs.house.rules import arrows_up, circles, homeless, past_doors

AROUND = ("benchmarks", "migrations")  # packages that are no part of the house
Figures = dict[str, int | str | None]


def count(tree: Tree, order: Order | None) -> tuple[Figures, dict[str, int]]:
    """Figures by name, and the modules of each room; doors aren't counted as modules.

    Where a tree names no order its folders are its rooms, and of two that import each other the fewer arrows are taken
    to run up: at least as many do, whatever the order.
    """
    modules = {name: module for name, module in tree.modules.items() if name.split(".")[0] not in AROUND}
    rooms = {name: (order and order.room_of(name)) or module.folder for name, module in modules.items()}
    arrows = {(a, b) for a, b in _pairs(tree.arrows) if a in modules and b in modules}
    between = Counter((rooms[a], rooms[b]) for a, b in arrows if rooms[a] != rooms[b])
    by_room = Counter(rooms[name] for name, module in modules.items() if name != module.folder)
    lengths = {name: len(module.path.read_bytes().splitlines()) for name, module in modules.items()}
    functions = dict(_functions(modules.values()))
    up = arrows & _pairs(arrows_up(order, tree)) if order else ()
    past = arrows & _pairs(past_doors(order, tree)) if order else _into_rooms(arrows, rooms)
    return {
        "rooms": len(by_room),
        "modules": by_room.total(),
        "modules in the largest room": _largest(by_room),
        "arrows within the largest room": _largest(Counter(rooms[a] for a, b in arrows if rooms[a] == rooms[b])),
        "arrows between rooms": between.total(),
        "pairs of rooms with an arrow": len(between),
        "arrows up": len(up) if order else f"≥ {_up_at_least(between)}",
        "rooms in a circle": sum(map(len, circles(between))),
        "modules in a circle": sum(map(len, circles(arrows))),
        "modules in no room": len(homeless(order, tree)) if order else None,
        "arrows past a door": len(past),
        "longest module": _largest(lengths),
        "longest function": _largest(functions),
        "functions": len(functions),
        "functions over 40 lines": sum(length > 40 for length in functions.values()),
        "lines of the product": sum(lengths.values()),
        "lines of the tests": sum(len(path.read_bytes().splitlines()) for path in tree.root.glob("tests/**/*.py")),
    }, dict(sorted(by_room.items()))


def minutes_of_tests(report: Path) -> float:
    """How long the tests of a JUnit report took, which `pytest --junit-xml` writes."""
    suites = ElementTree.parse(report).getroot().iter("testsuite")  # noqa: S314 - our own file
    return sum(float(suite.attrib["time"]) for suite in suites) / 60


def _pairs(arrows: Iterable[Arrow]) -> set[tuple[str, str]]:
    return {(arrow.importer, arrow.imported) for arrow in arrows}


def _largest(sizes: Mapping[str, int]) -> str:
    name, size = max(sizes.items(), key=lambda item: (item[1], item[0]), default=("nothing", 0))
    return f"{size} ({name})"


def _up_at_least(between: Mapping[tuple[str, str], int]) -> int:
    return sum(min(between[a, b], between.get((b, a), 0)) for a, b in between if a < b)


def _into_rooms(arrows: Iterable[tuple[str, str]], rooms: Mapping[str, str]) -> set[tuple[str, str]]:
    return {(a, b) for a, b in arrows if rooms[a] != rooms[b] != b}


def _functions(modules: Iterable[Module]) -> Iterable[tuple[str, int]]:
    for module in modules:
        for node in ast.walk(module.body):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module.name}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1
