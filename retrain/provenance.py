"""Of which code something is made: modules, all of ours that they import, and the versions of what others wrote."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

_OURS = frozenset({"db", "retrain"})
_ROOT = Path(str(files("retrain"))).parent


@cache
def hash_code(*modules: str, root: Path = _ROOT) -> str:
    """The same while these modules, everything they lead to by imports, and the versions of other packages are.

    Args:
        modules: dotted names.
        root: the folder that our packages are in.
    """
    own, others = read_imports(modules, root)
    lines = [f"{name} {hashlib.sha256(_path(name, root).read_bytes()).hexdigest()}" for name in own]
    lines += [f"{package} {_version(package)}" for package in others]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_imports(modules: tuple[str, ...], root: Path = _ROOT) -> tuple[list[str], list[str]]:
    """Our modules that these lead to, themselves among them, and the other packages that any of those imports.

    Imports count wherever they stand, in functions and for types too.
    """
    own, others, waiting = set[str](), set[str](), list(modules)
    while waiting:
        module = waiting.pop()
        if module not in own:
            own.add(module)
            for name in _imported(_path(module, root)):
                package = name.partition(".")[0]
                if package not in _OURS:
                    others.add(package)
                elif _path(name, root).exists():  # `from module import name` may name either
                    waiting.append(name)
    return sorted(own), sorted(others - sys.stdlib_module_names)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _path(module: str, root: Path) -> Path:
    path = root.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # it is distributed under another name
        return ""
