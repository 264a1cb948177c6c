"""Of which code something is made: modules, all of ours that they import, and the versions of what others wrote."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.util import resolve_name
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

    Imports count wherever they stand, in functions and for types too. What is taken from a package leads to the module
    that it is from, and to nothing else that the package passes on.
    """
    own, others, waiting = set[str](), set[str](), list(modules)
    while waiting:
        module = waiting.pop()
        if module in own:
            continue
        own.add(module)
        for name in _imported(module, root):
            if _is_ours(name):
                waiting.append(name)
            else:
                others.add(name.partition(".")[0])
    return sorted(own), sorted(others - sys.stdlib_module_names)


def _imported(module: str, root: Path) -> Iterator[str]:
    for node in ast.walk(_parse(module, root)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _source(node, module, root)
            for alias in node.names:
                yield from _homes(source, alias.name, root)


def _homes(source: str, name: str, root: Path) -> Iterator[str]:
    """Where that is from which `from source import name` gets: a module, or something that a package may pass on."""
    if not _is_ours(source):
        yield source
        return
    homes = [f"{source}.{name}"] if _path(f"{source}.{name}", root).exists() else []
    if _is_package(source, root):
        for node in ast.walk(_parse(source, root)):
            if isinstance(node, ast.ImportFrom) and (passed := _source(node, source, root)) != source:
                for alias in node.names:
                    if name == (alias.asname or alias.name):
                        homes += _homes(passed, alias.name, root)
    yield from homes or [source]


def _source(node: ast.ImportFrom, module: str, root: Path) -> str:
    package = module if _is_package(module, root) else module.rpartition(".")[0]
    return resolve_name("." * node.level + (node.module or ""), package)


def _parse(module: str, root: Path) -> ast.Module:
    return ast.parse(_path(module, root).read_bytes())


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in _OURS


def _is_package(module: str, root: Path) -> bool:
    return root.joinpath(*module.split(".")).is_dir()


def _path(module: str, root: Path) -> Path:
    path = root.joinpath(*module.split("."))
    return path / "__init__.py" if _is_package(module, root) else path.with_suffix(".py")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # it is distributed under another name
        return ""
