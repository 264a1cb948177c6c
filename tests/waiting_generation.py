"""A generation that passed the gate and waits for a person, made without any training."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from db.generations import backfill, serving
from tests.corpus import encoders
from tests.night_rows import make_run, store_run
from tests.synthetic import insert_generation


def add_waiting_generation(engine: sa.Engine, **run: Any) -> int:
    """The serving generation's encoder once more, level with the documents, as the candidate of a night."""
    base = serving(engine)
    night = store_run(engine, make_run(**({"decision": "pending", "parent_id": base.id} | run)))
    with engine.begin() as connection:
        made = insert_generation(
            connection,
            base,
            parent_id=base.id,
            run_id=night.id,
            status="built",
        )
    backfill(engine, made, encoders().get(base))
    return made.id


def count_open_transactions(engine: sa.Engine) -> int:
    """Of all other sessions on this database: each keeps vacuum from its work."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND (xact_start IS NOT NULL OR backend_xmin IS NOT NULL)"
    )
    with engine.connect() as connection:
        return int(connection.execute(sa.text(query)).scalar_one())
