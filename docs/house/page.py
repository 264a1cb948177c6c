"""The parts of docs/architecture.md that come from the code: the rooms in a sentence each, and the walks' stops.

A stop of a walk is a numbered line that starts with the name of what is called there, as a link: [`day.asking.ask`](…).
The link's address is filled in here, and a name that isn't there any more fails.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from docs.house.order import LOOSE, Order
from docs.house.reading import DOOR, Module, Tree

MOST_STOPS = 8
_ROOMS = re.compile(r"(?<=<!-- rooms -->\n).*(?=<!-- /rooms -->)", re.DOTALL)
_NAME = re.compile(r"\[`([\w.]+)`\]\([^)]*\)")
_STOP = re.compile(r"^\d+\. ", re.MULTILINE)
_WALK = re.compile(r"^### (.+)\n((?:.*\n)*?)(?=^#|\Z)", re.MULTILINE)


def fill_in(page: str, tree: Tree, order: Order) -> str:
    """The page with its generated parts as the code has them.

    Raises:
        SystemExit: a stop names what isn't there, or a walk has too many of them.
    """
    for title, walk in _WALK.findall(page):
        if len(_STOP.findall(walk)) > MOST_STOPS:
            raise SystemExit(f"docs/architecture.md: the walk “{title}” has more than {MOST_STOPS} stops.")
    page = _ROOMS.sub(lambda _: f"\n{rooms_part(tree, order)}\n", page)
    return _NAME.sub(lambda match: f"[`{match[1]}`]({_address(tree, match[1])})", page)


def rooms_part(tree: Tree, order: Order) -> str:
    """Each package from the roof down, and its rooms from the ground up, in the words of their doors."""
    packages = [name for floor in reversed(order.floors[""]) for name in floor if name in order.floors]
    return "\n".join(_table(tree, order, package) for package in packages)


def _table(tree: Tree, order: Order, package: str) -> str:
    rows = [f"| [`{path}`](../{path.rstrip('/')}) | {sentence} |" for path, sentence in _rooms(tree, order, package)]
    return "\n".join([f"**`{package}/`** {_sentence(tree.modules[package])}\n", "| room | |", "|---|---|", *rows, ""])


def _rooms(tree: Tree, order: Order, folder: str) -> Iterator[tuple[str, str]]:
    for room in (name for floor in order.floors[folder] for name in floor if name != LOOSE):
        module = tree.modules[f"{folder}.{room}"]
        yield str(module.path.relative_to(tree.root)).removesuffix(DOOR), _sentence(module)
        if module.name in order.floors:
            yield from _rooms(tree, order, module.name)


def _sentence(module: Module) -> str:
    return " ".join((ast.get_docstring(module.body) or "").partition("\n\n")[0].split())


def _address(tree: Tree, name: str) -> str:
    """Where a module is, or the module that a function, a class or a method of this dotted name is written in."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        module = tree.modules.get(".".join(parts[:cut]))
        if module and _defines(module.body, parts[cut:]):
            return f"../{module.path.relative_to(tree.root)}"
    raise SystemExit(f"docs/architecture.md names {name}, which isn't there: name what has taken its place.")


def _defines(body: ast.AST, names: list[str]) -> bool:
    if not names:
        return True
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return any(
        isinstance(node, definitions) and node.name == names[0] and _defines(node, names[1:])
        for node in ast.iter_child_nodes(body)
    )
