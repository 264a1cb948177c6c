"""Imports run one way, and importing does nothing."""

from __future__ import annotations

import ast
import json
import subprocess
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import pytest

from tests.conftest import ROOT

MAY_IMPORT = {
    "nightshift": {"nightshift", "bot", "retrain", "db"},
    "bot": {"bot", "db"},
    "retrain": {"retrain", "db"},
    "db": {"db"},
    "migrations": {"migrations", "db"},
}
# What takes seconds to import, and what would connect or load.
LATE = ("torch", "sentence_transformers", "transformers", "matplotlib")

IMPORT_ALL = """
import asyncio, importlib, json, sys, threading
import psycopg

def forbid(*arguments, **options):
    raise AssertionError("an import connects")

def watch(event, arguments):
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.fork", "os.posix_spawn"):
        raise AssertionError(f"an import does {event}")

psycopg.connect = psycopg.Connection.connect = psycopg.AsyncConnection.connect = forbid
sys.addaudithook(watch)
modules = json.loads(sys.stdin.read())
for module in modules:
    importlib.import_module(module)
late = sorted(set(sys.argv[1:]) & set(sys.modules))
print(json.dumps({"late": late, "threads": threading.active_count()}))
"""


def sources(package: str) -> Iterator[Path]:
    return (ROOT / package).rglob("*.py")


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and first name of everything a file imports, wherever in it, a relative import by its own package."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            own = path.relative_to(ROOT).parts[0]
            yield node.lineno, own if node.level else (node.module or "").partition(".")[0]


def wrong_arrows(package: str) -> list[str]:
    forbidden = (MAY_IMPORT.keys() | {"tests", "benchmarks"}) - MAY_IMPORT[package]
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources(package)
        for line, name in imported(path)
        if name in forbidden
    ]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_run_one_way(package: str) -> None:
    assert list(sources(package)), "the walk finds nothing"
    assert wrong_arrows(package) == []


def test_a_wrong_arrow_is_found_wherever_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "db" / "deep").mkdir(parents=True)
    (tmp_path / "db" / "deep" / "one.py").write_text(
        "from db import errors\nfrom . import two\ndef late():\n    import bot.app\n    from retrain.run import night\n"
    )
    assert wrong_arrows("db") == ["db/deep/one.py:4 imports bot", "db/deep/one.py:5 imports retrain"]


def modules_imported(path: Path) -> Iterator[str]:
    """Modules that a file imports, wherever in it, those for types alone among them."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package)
            within = [f"{module}.{alias.name}" for alias in node.names]
            yield from (name if is_module(name) else module for name in within)


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_module(name: str) -> bool:
    place = ROOT.joinpath(*name.split("."))
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def imports_of(*packages: str) -> dict[str, set[str]]:
    return {
        module_name(path): set(filter(is_module, modules_imported(path)))
        for package in packages
        for path in sources(package)
    }


def test_modules_import_in_no_circle() -> None:
    TopologicalSorter(imports_of(*MAY_IMPORT, "benchmarks")).prepare()


def test_a_circle_is_found_even_if_one_side_wants_only_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "one.py").write_text("from . import two\nimport json\n")
    (tmp_path / "db" / "two.py").write_text("if TYPE_CHECKING:\n    from db.one import One\n")
    with pytest.raises(CycleError):
        TopologicalSorter(imports_of("db")).prepare()


def test_importing_loads_no_model_and_connects_to_nothing(start_python: Callable[..., subprocess.Popen[str]]) -> None:
    modules = [
        module_name(path)
        for package in MAY_IMPORT
        if package != "migrations"  # Alembic runs those
        for path in sorted(sources(package))
        if path.name != "__main__.py"
    ]
    output, errors = start_python(IMPORT_ALL, *LATE).communicate(json.dumps(modules), timeout=120)
    assert json.loads(output or "null") == {"late": [], "threads": 1}, errors


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for package in MAY_IMPORT
        for path in sources(package)
        if reads_environment(ast.parse(path.read_bytes()))
    }
    assert readers <= {"db/settings.py"}


def reads_environment(tree: ast.Module) -> bool:
    """Telling libraries something by `os.environ.setdefault` isn't reading."""
    told = [node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "setdefault"]
    names = {node: getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(tree)}
    return any(name in ("environ", "environb", "getenv") and node not in told for node, name in names.items())
