"""A generation that passed the gate and waits for a person, made without any training."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from db.backfill import backfill
from db.generations import add_generation, serving
from tests.corpus import encoders
from tests.night_rows import make_run, store_run


def add_waiting_generation(engine: sa.Engine, **run: Any) -> int:
    """The serving generation's encoder once more, level with the documents, as the candidate of a night."""
    base = serving(engine)
    night = store_run(engine, make_run(**({"decision": "pending", "parent_id": base.id} | run)))
    with engine.begin() as connection:
        made = add_generation(
            connection,
            parent_id=base.id,
            run_id=night.id,
            base_model=base.base_model,
            artefact_uri=base.artefact_uri,
            artefact_sha256=base.artefact_sha256,
            dtype=base.dtype,
            dimension=base.dimension,
            min_similarity=base.min_similarity,
            status="built",
        )
    backfill(engine, made, encoders().get(base))
    return made.id
