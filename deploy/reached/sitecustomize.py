"""Marks each line of the product that runs, in every Python that starts with this folder on its PYTHONPATH.

A module is compiled with a store into a byte of a file before each of its statements. All processes share the file, so
nothing is merged, a killed process's lines count like others', and code that isn't the product's runs as it is. Python
3.11 has no sys.monitoring: tracing each call, as coverage does there, adds 41% to the tests' CPU time, and this 8%.
slipcover adds as little, but a second to the start of each of the many processes that tests start.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:  # each Python pays for what is imported here
    import ast
    from collections.abc import Sequence
    from mmap import mmap
    from types import CodeType, ModuleType
    from typing import Any

PLACE = "LINES_REACHED"
"""The variable that names the folder of the marks and of the bytecode with them; without it nothing is marked."""
MARKS = "marks"
PRODUCT = ("nightshift", "bot", "intake", "retrain", "db")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def starts_of(root: str) -> dict[str, int]:
    """Where in the file of marks each module's begin, by its path; under the empty path, where all end.

    A module has a byte for each line, by number: nought until it runs. It can't have more lines than bytes.
    """
    starts, end = {}, 0
    for package in PRODUCT:
        for folder, folders, files in os.walk(os.path.join(root, package)):
            folders.sort()
            for path in (os.path.join(folder, name) for name in sorted(files) if name.endswith(".py")):
                starts[path] = end
                end += os.path.getsize(path) + 2
    return starts | {"": end}


def open_marks(folder: str, length: int) -> mmap:
    """The file of marks, which all processes write to at once."""
    from mmap import mmap

    os.makedirs(folder, exist_ok=True)
    descriptor = os.open(os.path.join(folder, MARKS), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        os.ftruncate(descriptor, length)
        return mmap(descriptor, length)
    finally:
        os.close(descriptor)


def with_marks(source: bytes, start: int) -> ast.Module:
    """The module with a mark before each of its statements; its own begin at `start`."""
    import ast

    def mark(line: int) -> ast.stmt:
        target = ast.Subscript(ast.Name("__reached__", ast.Load()), ast.Constant(start + line), ast.Store())
        made = ast.Assign([target], ast.Constant(1), lineno=line, end_lineno=line, col_offset=0, end_col_offset=0)
        return ast.fix_missing_locations(made)

    tree = ast.parse(source)
    tried: dict[ast.AST, list[int]] = {}
    for node in ast.walk(tree):
        tried |= tried_before(node)
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                opening = opening_of(block) if field == "body" else 0
                first = map(mark, tried.pop(node, []))
                marked = [
                    each for statement in block[opening:] for each in (*map(mark, lines_of(statement)), statement)
                ]
                setattr(node, field, [*block[:opening], *first, *marked])
    opening = opening_of(tree.body)
    opened = ast.parse("from sitecustomize import marks as __reached__").body
    tree.body[opening:opening] = [*opened, *(mark(statement.lineno) for statement in tree.body[:opening])]
    return tree


def tried_before(node: ast.AST) -> dict[ast.AST, list[int]]:
    """The lines of `except` and `case` that have been tried where one of this statement's is entered, its own too."""
    handlers, cases = getattr(node, "handlers", []), getattr(node, "cases", [])
    lines = [*(each.lineno for each in handlers), *(each.pattern.lineno for each in cases)]
    return {each: lines[: number + 1] for number, each in enumerate([*handlers, *cases])}


def opening_of(block: list[Any]) -> int:
    """How many statements nothing can stand before: a docstring, and imports from the future."""
    import ast

    count = 0
    for statement in block:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())) if count == 0:
                count += 1
            case ast.ImportFrom(module="__future__"):
                count += 1
            case _:
                break
    return count


def lines_of(statement: ast.stmt) -> set[int]:
    """Those a statement begins on: its decorators have lines of their own."""
    return {node.lineno for node in (statement, *getattr(statement, "decorator_list", []))}


class MarkingLoader(SourceFileLoader):
    """Loads a module of the product with marks, its bytecode beside them."""

    def source_to_code(self, data: bytes, path: str, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]  # noqa: D102
        return compile(with_marks(data, starts[path]), path, "exec", dont_inherit=True, optimize=_optimize)

    def get_data(self, path: str) -> bytes:  # noqa: D102
        return super().get_data(self._beside_marks(path))

    def set_data(self, path: str, data: bytes, *, _mode: int = 0o666) -> None:  # type: ignore[override]  # noqa: D102
        super().set_data(self._beside_marks(path), data, _mode=_mode)

    def _beside_marks(self, path: str) -> str:
        return os.path.join(place, os.path.relpath(path, ROOT)) if path.endswith(".pyc") else path


class ProductFinder:
    """Finds the product's modules where they always are, and has them marked."""

    @staticmethod
    def find_spec(fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """As others find it, but for the loader."""
        if fullname.partition(".")[0] not in PRODUCT:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.origin in starts and type(spec.loader) is SourceFileLoader:
            spec.loader = MarkingLoader(fullname, spec.origin)
        return spec


if place := os.environ.get(PLACE, ""):  # once: what reads documents does without an environment later
    starts = starts_of(ROOT)
    marks = open_marks(place, starts[""])
    sys.meta_path.insert(0, ProductFinder)
