"""Whether a generation's indexes stand, and still find what they found when they were built."""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db.generations.generation import Generation
from db.generations.recall import measure_recall
from db.generations.vectors import index_names
from db.store import raw_connection


def unsound_indexes(engine: sa.Engine, generation: Generation) -> list[str]:
    """The generation's indexes that are gone, or not valid, as PostgreSQL puts it: nothing is found through these."""
    with raw_connection(engine) as raw:
        sound = "SELECT name FROM unnest(%s::text[]) AS name WHERE NOT EXISTS (SELECT FROM pg_index WHERE indisvalid"
        query = f"{sound} AND indexrelid = to_regclass(name)) ORDER BY name"
        return [row[0] for row in raw.execute(query, (index_names(generation),)).fetchall()]


def sample_recall(engine: sa.Engine, generation: Generation, questions: NDArray[np.float32]) -> float:
    """recall@10 of the index at the breadth that is served, against exact search; 1 without any questions (n, dim)."""
    return measure_recall(engine, generation, questions, generation.ef_search)
