"""Only db touches tables: nothing else names one, builds a statement, runs one or knows a driver's errors."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

HANDED_ON = {"Engine", "Connection"}
"""What of SQLAlchemy others may name: they get one, and give it to functions of db."""

RUNNING = {"execute", "executemany", "scalar", "scalars", "scalar_one", "scalar_one_or_none", "exec_driver_sql"}

OF_THEIR_OWN = {
    "benchmarks/growth/steps.py": "asks how much disk vectors and their index take",
    "benchmarks/quality/ours.py": "makes and copies a database for each seed",
    "benchmarks/queue/theirs.py": "counts what both write ahead",
    "benchmarks/speed/bare.py": "has bare statements beside ours",
    "benchmarks/speed/load.py": "copies the same rows as we write",
    "benchmarks/speed/plans.py": "has statements explained",
    "benchmarks/speed/stock.py": "analyses what it loaded",
}


def sources() -> Iterator[Path]:
    """Everything in Python that isn't db, its migrations or a test."""
    for folder in sorted(ROOT.iterdir()):
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in ("db", "migrations", "tests"):
            yield from sorted(folder.rglob("*.py"))


def touches(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of what only db may use, wherever in a file it stands."""
    alchemy = {"sqlalchemy"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            alchemy |= {alias.asname for alias in node.names if alias.name == "sqlalchemy" and alias.asname}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            yield from ((node.lineno, name) for name in names if name != "sqlalchemy" and is_for_db(name))
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ((node.lineno, name) for name in names if is_for_db(name))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in alchemy:
            if node.attr not in HANDED_ON:
                yield node.lineno, f"sqlalchemy.{node.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNNING:
            yield node.lineno, f".{node.func.attr}()"


def is_for_db(name: str) -> bool:
    parts = name.split(".")
    if parts[0] == "sqlalchemy":
        return len(parts) != 2 or parts[1] not in HANDED_ON
    return parts[0] in ("psycopg", "pgvector", "alembic") or parts[:2] == ["db", "schema"]


def breaches(path: Path) -> list[str]:
    return [f"{path}:{line} uses {what}" for line, what in sorted(touches(ast.parse(path.read_bytes())))]


def test_only_db_touches_tables() -> None:
    found = {path.relative_to(ROOT).as_posix(): breaches(path) for path in sources()}
    assert {"bot", "retrain", "nightshift", "benchmarks"} <= {name.partition("/")[0] for name in found}
    assert [breach for name, own in found.items() if name not in OF_THEIR_OWN for breach in own] == []
    assert all(found[name] for name in OF_THEIR_OWN), "no exception that isn't needed"


def test_benchmarks_that_run_statements_of_their_own_name_no_table_of_ours() -> None:
    own = [name for name in OF_THEIR_OWN if name.startswith("benchmarks/")]
    assert [b for name in own for b in breaches(ROOT / name) if "db.schema" in b] == []


@pytest.mark.parametrize(
    ("line", "uses"),
    [
        ("from db.schema import vote", "db.schema.vote"),
        ("from db import schema", "db.schema"),
        ("import db.schema", "db.schema"),
        ("from sqlalchemy import text", "sqlalchemy.text"),
        ("from sqlalchemy.dialects.postgresql import insert", "sqlalchemy.dialects.postgresql.insert"),
        ("import sqlalchemy as sql\n\nsql.select(1)", "sqlalchemy.select"),
        ("import sqlalchemy as sa\n\ntry: ...\nexcept sa.exc.DBAPIError: ...", "sqlalchemy.exc"),
        ("import psycopg", "psycopg"),
        ("def late():\n    from psycopg import sql", "psycopg.sql"),
        ("def late(connection):\n    connection.execute('SELECT 1')", ".execute()"),
        ("with engine.connect() as one:\n    one.scalars(query)", ".scalars()"),
    ],
)
def test_what_touches_them_is_found_wherever_it_is(tmp_path: Path, line: str, uses: str) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(f"import sqlalchemy as sa\n\n\ndef give(engine: sa.Engine) -> None: ...\n\n\n{line}\n")
    assert [breach.partition(" uses ")[2] for breach in breaches(planted)] == [uses]


def test_handing_a_connection_on_is_none_of_it(tmp_path: Path) -> None:
    fine = tmp_path / "fine.py"
    fine.write_text(
        "import sqlalchemy as sa\n\n\ndef end(engine: sa.Engine) -> None:\n"
        "    with engine.begin() as connection:\n        require_lease(connection, (1, 1))\n"
    )
    assert breaches(fine) == []
