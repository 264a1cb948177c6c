"""Keeps what a night trained on, so that a generation can be traced to the votes it learnt from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from db.nights.leases import Lease, require_lease
from db.schema import chunk, curated_pair, question, synthetic_question, triplet

_COLUMN_OF = {"question": "question_id", "pair": "pair_id", "marked": "pair_id", "synthetic": "synthetic_id"}
_ANCHOR = dict.fromkeys(_COLUMN_OF.values())
_TABLE_OF = {
    "positive_chunk_id": chunk,
    "negative_chunk_id": chunk,
    "question_id": question,
    "pair_id": curated_pair,
    "synthetic_id": synthetic_question,
}


@dataclass(frozen=True, slots=True)
class TripletRow:
    """A triplet as it is kept: its anchor's kind and id, its chunks, its negative's kind and what it weighed."""

    anchor_kind: str
    anchor_id: int
    positive_chunk_id: int
    negative_chunk_id: int | None
    kind: str
    weight: float


def store_triplets(engine: sa.Engine, run_id: int, triplets: Iterable[TripletRow], lease: Lease | None = None) -> None:
    """Replaces the run's triplets by these; chunks, questions and pairs that went meanwhile take theirs along.

    Raises:
        StaleRunError: the run was taken over, where its lease is given.
    """
    rows: list[dict[str, Any]] = [
        {
            "run_id": run_id,
            **_ANCHOR,
            _COLUMN_OF[own.anchor_kind]: own.anchor_id,
            "positive_chunk_id": own.positive_chunk_id,
            "negative_chunk_id": own.negative_chunk_id,
            "kind": own.kind,
            "weight": own.weight,
        }
        for own in triplets
    ]
    with engine.begin() as connection:
        connection.execute(triplet.delete().where(triplet.c.run_id == run_id))
        for column, table in _TABLE_OF.items():
            held = _hold(connection, table, {row[column] for row in rows})
            rows = [row for row in rows if row[column] in held]
        if rows:
            connection.execute(triplet.insert(), rows)
        if lease is not None:
            require_lease(connection, lease)  # last: an erasure locks questions and pairs, then runs


def _hold(connection: sa.Connection, table: sa.Table, ids: set[Any]) -> set[Any]:
    """Those of the ids that are there, and stay until the transaction ends; None is."""
    wanted = sa.literal(sorted(ids - {None}), sa.ARRAY(sa.BigInteger))
    there = sa.select(table.c.id).where(table.c.id == sa.any_(wanted)).order_by(table.c.id)
    return {None, *connection.scalars(there.with_for_update(read=True, key_share=True))}
