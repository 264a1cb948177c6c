"""What tests look for in the rows of generations and nights, and how they wait for each other."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import psycopg
import sqlalchemy as sa

from db import schema
from db.generations.generation import Generation


def active(engine: sa.Engine) -> Any:
    """What serves, what did before, and by whom: who puts one in service puts both."""
    with engine.connect() as connection:
        rows = {row.role: row for row in connection.execute(sa.select(schema.in_service))}
    assert len({(row.changed_at, row.changed_by) for row in rows.values()}) == 1
    return rows["serving"].generation_id, rows["previous"].generation_id, rows["serving"].changed_by


def start_run(engine: sa.Engine, *, attempt: int = 1, status: str = "running") -> int:
    row = {"trigger": "cli", "requested_by": "local:console", "status": status, "attempt": attempt}
    with engine.begin() as connection:
        inserted = connection.execute(schema.retrain_run.insert().values(row).returning(schema.retrain_run.c.id))
        return int(inserted.scalar_one())


def table_exists(engine: sa.Engine, generation: Generation) -> bool:
    return sa.inspect(engine).has_table(generation.table)


def wait_for_lock(watcher: psycopg.Connection[Any], waiting: Future[Any], kind: str = "advisory") -> None:
    query = "SELECT count(*) FROM pg_locks WHERE locktype = %s AND NOT granted"
    while watcher.execute(query, (kind,)).fetchone() != (1,):
        assert not waiting.done(), "it didn't wait"
