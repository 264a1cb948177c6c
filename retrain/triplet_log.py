"""Keeps what a night trained on, so that a generation can be traced to the votes it learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from db.schema import chunk, triplet
from retrain.triplets import Triplet

_COLUMN_OF = {"question": "question_id", "pair": "pair_id", "marked": "pair_id", "synthetic": "synthetic_id"}
_ANCHOR = dict.fromkeys(_COLUMN_OF.values())


def store_triplets(engine: sa.Engine, run_id: int, triplets: Sequence[Triplet]) -> None:
    """Replaces the run's triplets by these; chunks that went meanwhile take theirs along."""
    rows = [
        {
            "run_id": run_id,
            **_ANCHOR,
            _COLUMN_OF[item.anchor.kind]: item.anchor.id,
            "positive_chunk_id": item.positive_chunk_id,
            "negative_chunk_id": item.negative_chunk_id,
            "kind": item.kind,
            "weight": item.weight,
        }
        for item in triplets
    ]
    with engine.begin() as connection:
        connection.execute(triplet.delete().where(triplet.c.run_id == run_id))
        there = set(connection.scalars(sa.select(chunk.c.id).with_for_update(read=True, key_share=True)))
        rows = [row for row in rows if {row["positive_chunk_id"], row["negative_chunk_id"]} <= there | {None}]
        if rows:
            connection.execute(triplet.insert(), rows)
