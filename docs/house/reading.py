"""The modules of a source tree and what each imports, read from the text: nothing is imported for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from importlib.util import resolve_name
from pathlib import Path

DOOR = "__init__.py"


@dataclass(frozen=True)
class Module:
    """A file of Python; `name` is dotted, a folder's door has the folder's."""

    name: str
    path: Path
    body: ast.Module

    @property
    def folder(self) -> str:
        """The package it lies in, dotted; a door lies in the folder it opens."""
        return self.name if self.path.name == DOOR else self.name.rpartition(".")[0]


@dataclass(frozen=True, order=True)
class Arrow:
    """One module imports another, at a line."""

    importer: str
    imported: str
    line: int


@dataclass(frozen=True)
class Tree:
    """All packages at a root: their modules by name, and their arrows to each other and to whatever else lies there."""

    root: Path
    modules: Mapping[str, Module]
    arrows: Sequence[Arrow]

    def tell(self, arrow: Arrow) -> str:
        """`db/store/engine.py:12 imports bot.pools`."""
        return f"{self.modules[arrow.importer].path.relative_to(self.root)}:{arrow.line} imports {arrow.imported}"


def read_tree(root: Path) -> Tree:
    """Reads the packages at a root; an import counts wherever it is, in functions and for types too.

    What a door has in its `__all__` is had at the door, though a module of that name lies behind it.
    """
    paths = [path for door in root.glob(f"*/{DOOR}") for path in door.parent.rglob("*.py")]
    found = [Module(_name(path.relative_to(root)), path, ast.parse(path.read_bytes())) for path in paths]
    modules = {module.name: module for module in sorted(found, key=lambda module: module.name)}
    at_doors = {f"{module.name}.{name}" for module in found if module.path.name == DOOR for name in _all(module.body)}
    return Tree(root, modules, sorted({arrow for module in found for arrow in _arrows(root, module, at_doors)}))


def _arrows(root: Path, module: Module, at_doors: Set[str]) -> Iterator[Arrow]:
    for node in ast.walk(module.body):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), module.folder)
            taken = at_doors if source != module.name else ()
            within = [f"{source}.{name}" for name in names]
            names = [name if name not in taken and _exists(root, name) else source for name in within]
        yield from (Arrow(module.name, name, node.lineno) for name in names if _exists(root, name))


def _all(body: ast.Module) -> list[str]:
    values = [
        node.value for node in body.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return [name for value in values for name in ast.literal_eval(value)]


def _exists(root: Path, name: str) -> bool:
    place = root.joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or any(place.glob("*.py"))


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")
